"""One file per source of other people's data: the folder is the list (see game/registry.py). Importers make rounds, never logs."""

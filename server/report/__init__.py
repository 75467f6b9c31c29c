"""Reports: tables, figures and importers over rounds. Imports neither Flask nor the table nor a store."""

"""Commands: one file each, loaded when called; listed in the entry points group `coplay.commands`."""

"""Figures F01 to F17 and the lens: one file each, `plate(story) -> Plate`; a figure that data cannot fill says why in words."""

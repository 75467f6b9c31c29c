"""The report of a study: from rounds and sessions to one page, its figures and tables, and scripts that compute them again.

`gather.py` reads, `story.py` holds what figures and texts tell from, `figures/` draws, `write.py` puts all of it into a folder.
"""

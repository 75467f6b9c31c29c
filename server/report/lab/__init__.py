"""The XAI lab's report: statistics, figures and one page of a results folder that `coplay compare` wrote (`game/lab.py`)."""

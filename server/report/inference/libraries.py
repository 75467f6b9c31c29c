"""The libraries of the `report` extra, imported when first needed: playing and logging never load them."""

from __future__ import annotations

import importlib
from typing import Any

PARTS = {"bambi": "bayes", "arviz": "bayes"}
"""Library -> the extra that brings it, where that is not `report`."""


class Missing(ImportError):
    """A library that is not installed; the message says what to install."""


def library(name: str) -> Any:
    """Import a module by its dotted name; raises Missing with the command that installs it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        root = name.split(".", maxsplit=1)[0]
        if error.name != root:
            raise
        extra = PARTS.get(root, "report")
        raise Missing(f"{root} is not installed: python -m pip install 'coplay[{extra}]'") from error

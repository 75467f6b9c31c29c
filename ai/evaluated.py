"""Scores of an evaluation on the model card of a pack: read back, and only where they are of the very weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, cast

import msgspec

from ai.evaluation import Evaluation
from game.canonical import Digest
from game.pack import Scalar

FOLDER = "folder:"
"""A folder may be called by another path; the weights' digest says that the model is the same."""
HOW = "coplay evaluate {weights} --source {source} -o FOLDER writes it"


class NotEvaluated(ValueError):
    """An evaluation that is missing, cannot be read, or is of other weights or another source."""


def facts(path: Path, weights: Path, digest: Digest, source: str) -> dict[str, Scalar]:
    """Return what `path`, an `evaluation.json`, says of the weights with this digest, for `Card.details`.

    Raises NotEvaluated: nothing is put on a card that was measured of something else.
    """
    how = HOW.format(weights=weights, source=source)
    try:
        found = msgspec.convert(_with_nan(msgspec.json.decode(path.read_bytes())), Evaluation, strict=False)
    except OSError:
        raise NotEvaluated(f"{path} is missing: {how}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotEvaluated(f"{path} is no evaluation ({error}): {how}") from None
    if found.digest != digest:
        told = f"{found.digest[:12] or 'unsaved weights'}, {weights.name} is {digest[:12]}"
        raise NotEvaluated(f"{path} was measured of other weights ({told}): {how}")
    if found.source != source and not (found.source.startswith(FOLDER) and source.startswith(FOLDER)):
        raise NotEvaluated(f"{path} was measured on {found.source!r}, the pack is of {source!r}: {how}")
    return found.card()


def _with_nan(value: Any) -> Any:
    """Return the document with undefined scores as they were: JSON writes NaN as null, and only in lists is null a number."""
    if isinstance(value, dict):
        return {key: _with_nan(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [math.nan if each is None else _with_nan(each) for each in cast("list[Any]", value)]
    return value

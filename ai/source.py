"""What a specimen source promises: scenes, pictures, twins, and an ideal observer where the process is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from game.pack import Scalar


class Cue(NamedTuple):
    """Something in the picture that tells the class: its name, and how often it agrees with the class (below 1)."""

    name: str
    validity: float


class Species(NamedTuple):
    """A class of the source: its key, its name and field note per language ("en", "fr")."""

    key: str
    title: Mapping[str, str]
    note: Mapping[str, str]


class Source(Protocol):
    """A specimen source, registered with `@specimen(name, cite=..., cues=...)`. Equal arguments give equal bytes."""

    cues: tuple[Cue, ...]
    species: tuple[Species, ...]

    def scenes(self, n: int, seed: int, **params: Any) -> list[Any]:
        """Draw `n` scenes (frozen structs with `truth`, a class index). Scene i depends on `seed` and i only."""
        ...

    def draw(self, scene: Any, size: int) -> NDArray[np.uint8]:
        """Return the picture, (size, size, 3), sRGB."""
        ...

    def parts(self, scene: Any, size: int) -> dict[str, NDArray[np.bool_]]:
        """Return each part's footprint in view, (size, size)."""
        ...

    def evidence(self, scene: Any, size: int, above: int = 4) -> dict[str, NDArray[np.bool_]]:
        """Return for each cue the pixels that change when only that cue flips, (size, size)."""
        ...

    def twin(self, scene: Any, cue: str) -> Any:
        """Return the scene with one cue flipped and everything else equal; raises ValueError for an unknown cue."""
        ...

    def variants(self, scene: Any) -> dict[str, Any]:
        """Return the scene with one cause of error taken away, by cause."""
        ...

    def posterior(self, scene: Any) -> tuple[float, ...]:
        """Return the ideal observer's probability of each class, in class order; sums to 1."""
        ...

    def prototype(self, truth: int) -> Any:
        """Return the clearest scene of a class."""
        ...

    def facts(self, scene: Any) -> Mapping[str, Scalar]:
        """Return the scene as plain facts for the manifest."""
        ...

"""Moths: four invented species told apart by four cues of unequal validity; everything about them is known exactly.

A `Scene` is a small struct; it is drawn at any size. The ideal observer's posterior follows from the generating process,
and the *twin* of a scene (one cue flipped, all else equal) shows exactly which pixels are that cue's evidence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from ai.source import Cue
from ai.specimens.moth_drawing import footprints, picture
from ai.specimens.moth_notes import species
from game.pack import Scalar
from game.registry import specimen

KEYS = ("ardena", "brumella", "corvira", "dolmena")
CODE = ((0, 0, 0, 0), (0, 0, 1, 1), (1, 1, 0, 0), (1, 1, 1, 1))
"""Cue bits of each class: cues 0 and 1 tell one class bit, 2 and 3 the other; any two classes differ in two cues or more."""
VALIDITY = (0.80, 0.98, 0.97, 0.75)
"""How often each cue agrees with the class. Unequal, so that conflicts show which cue somebody weighs."""
CUES = ("wing_shape", "eye_spots", "antennae", "abdomen")
HIDDEN_BELOW = 0.30
"""A cue whose part is less than this share in view is not seen by the ideal observer."""
_MEASURED_AT = 192


class Scene(msgspec.Struct, frozen=True):
    """One moth: `truth` is the class index, `cues` four numbers in [0, 1] (the bit is `cue > 0.5`)."""

    truth: int
    cues: tuple[float, float, float, float]
    tag: int
    """Class index whose colour the paper tag has; -1 draws no tag."""
    occlusion: float = 0.0
    """Relative width of a blade of grass across the picture; 0 is none."""
    turn: float = 0.0
    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0
    palette: int = 0
    ground: int = 0
    seed: int = 0


@specimen("moths", cite="coplay: drawn for this project, no outside source", cues=CUES)
class Moths:
    """The source of moth specimens. Pure: equal arguments give equal scenes and equal pixels in every process."""

    cues = tuple(Cue(name, v) for name, v in zip(CUES, VALIDITY, strict=True))
    species = species(CODE, KEYS)

    def scenes(
        self,
        n: int,
        seed: int,
        *,
        difficulty: float = 0.5,
        spread: float = 0.18,
        rho: float = 0.0,
        occluded: float = 0.15,
    ) -> list[Scene]:
        """Draw `n` scenes.

        `difficulty` (mean, with `spread`) in [0, 1) pulls each cue towards the middle; `rho` is the share of scenes whose
        tag has the class's own colour on purpose (training only); `occluded` is the share with a blade of grass.
        """
        return [_scene(np.random.default_rng([seed, i]), difficulty, spread, rho, occluded) for i in range(n)]

    def draw(self, scene: Scene, size: int) -> NDArray[np.uint8]:
        """Return the picture, (size, size, 3), sRGB."""
        return picture(scene, size)

    def parts(self, scene: Scene, size: int) -> dict[str, NDArray[np.bool_]]:
        """Return where each part is drawn and in view: (size, size) for every cue, and "tag" where there is one."""
        return footprints(scene, size)

    def evidence(self, scene: Scene, size: int, above: int = 4) -> dict[str, NDArray[np.bool_]]:
        """Return for each cue the pixels that change by more than `above` of 255 when only that cue flips."""
        seen = self.draw(scene, size).astype(np.int16)
        twins = {cue: self.draw(self.twin(scene, cue), size).astype(np.int16) for cue in CUES}
        return {cue: np.abs(twin - seen).max(-1) > above for cue, twin in twins.items()}

    def twin(self, scene: Scene, cue: str) -> Scene:
        """Return the scene with `cue` flipped (its value mirrored at the middle) and everything else equal."""
        k = CUES.index(cue)
        flipped = [1 - v if i == k else v for i, v in enumerate(scene.cues)]
        return msgspec.structs.replace(scene, cues=tuple(flipped))

    def variants(self, scene: Scene) -> dict[str, Scene]:
        """Return the scene with one cause of error taken away: the confounder, the occluder, the difficulty."""
        replace = msgspec.structs.replace
        clear = tuple(float(v > 0.5) for v in scene.cues)
        return {
            "confounder": replace(scene, tag=scene.truth),
            "occlusion": replace(scene, occlusion=0.0),
            "difficulty": replace(scene, cues=clear),
        }

    def in_view(self, scene: Scene) -> tuple[float, ...]:
        """Return the share of each cue's part that no occluder hides, in cue order."""
        if scene.occlusion <= 0:
            return (1.0,) * len(CUES)
        bare = self.parts(msgspec.structs.replace(scene, occlusion=0.0), _MEASURED_AT)
        seen = self.parts(scene, _MEASURED_AT)
        return tuple(float(seen[c].sum() / max(1, bare[c].sum())) for c in CUES)

    def posterior(self, scene: Scene) -> tuple[float, ...]:
        """Return the ideal observer's probability of each class, from the cue bits in view and their validities."""
        view = self.in_view(scene)
        logs = []
        for code in CODE:
            terms = zip(scene.cues, code, VALIDITY, view, strict=True)
            logs.append(
                sum(math.log(v if (c > 0.5) == bool(b) else 1 - v) for c, b, v, seen in terms if seen >= HIDDEN_BELOW)
            )
        weights = [math.exp(x - max(logs)) for x in logs]
        return tuple(w / sum(weights) for w in weights)

    def prototype(self, truth: int) -> Scene:
        """Return the clearest member of a class, on a plain plate without a tag: for thumbnails and the field guide."""
        a, b, c, d = (float(v) for v in CODE[truth])
        return Scene(truth, (a, b, c, d), tag=-1, scale=1.06, dy=0.02, palette=1, ground=-1, seed=1)

    def facts(self, scene: Scene) -> Mapping[str, Scalar]:
        """Return the scene as plain facts for the manifest and the log, rounded to 4 decimals."""
        out: dict[str, Scalar] = {name: round(v, 4) for name, v in zip(CUES, scene.cues, strict=True)}
        agree = [int((v > 0.5) == bool(b)) for v, b in zip(scene.cues, CODE[scene.truth], strict=True)]
        out |= {"misleading": " ".join(n for n, ok in zip(CUES, agree, strict=True) if not ok)}
        out |= {
            "tag": scene.tag,
            "occlusion": round(scene.occlusion, 4),
            "palette": scene.palette,
            "ground": scene.ground,
        }
        return out | {"turn": round(scene.turn, 4), "scale": round(scene.scale, 4), "seed": scene.seed}


def _scene(rng: np.random.Generator, difficulty: float, spread: float, rho: float, occluded: float) -> Scene:
    truth = int(rng.integers(len(CODE)))
    bits = [b if rng.random() < v else 1 - b for b, v in zip(CODE[truth], VALIDITY, strict=True)]
    pull = np.clip(rng.normal(difficulty, spread, 4), 0, 0.92)
    a, b, c, d = (float(bit + (0.5 - bit) * p) for bit, p in zip(bits, pull, strict=True))
    tag = truth if rng.random() < rho else int(rng.integers(len(CODE)))
    grass = float(rng.uniform(0.7, 1.5)) if rng.random() < occluded else 0.0
    return Scene(
        truth,
        (a, b, c, d),
        tag,
        grass,
        turn=float(rng.normal(0, 13)),
        scale=float(rng.uniform(0.86, 1.02)),
        dx=float(rng.normal(0, 0.018)),
        dy=float(rng.normal(0.015, 0.015)),
        palette=int(rng.integers(5)),
        ground=int(rng.integers(4)),
        seed=int(rng.integers(2**31)),
    )

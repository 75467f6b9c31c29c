"""Eyes: what a simulated person perceives of the pictures on a screen. A second channel beside the view, only in simulation.

A view holds a picture's name, and nobody can see anything in a name. A person looks at the picture. Eyes stand for that, and only
for that: they are asked with the name that stands in the view, and answer with what *that picture* shows, as noisily as the person
sees. Nothing passes through `view()`, no server has eyes, and a player without them plays by chance.

What a picture shows, the first of these that the pack knows:

1. the values of its cues, as drawn (`Specimen.scene`, else `cues`): each speaks for the classes that the field guide says it
   speaks for, and a confounder for the class it points at, right or wrong;
2. its class, as clearly as people alone name it (`solo_rate`), if that is known;
3. the ideal observer's posterior of the picture, at half its strength, since people are no ideal observers;
4. its class, as clearly as to 70 % of people.

In 2 and 4 eyes know the truth, as whoever made the picture does; what they give away of it is a noisy impression, so that a
person is right about as often as stated. What a map shows is how much of its light lies in the corners of the picture, where the
marks that mislead are in our drawn packs, as far as its three brightest regions tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random

import msgspec

from game.canonical import Digest, blob_name
from game.measures.cue_weights import LensCue, lens_cues
from game.pack import Manifest, Specimen
from game.quiz import INSTRUCTED
from game.study import Study

USUAL_RATE = 0.7
PEOPLE = 0.5
"""How much of the ideal observer's evidence people see."""
CORNERS = frozenset({"top_left", "top_right", "bottom_left", "bottom_right"})


class Sight(msgspec.Struct, frozen=True):
    """What one picture shows: values of its cues (-1 to 1) in the pack's order, classes its marks point at, plain evidence."""

    values: tuple[float, ...] = ()
    marks: tuple[int, ...] = ()
    plain: tuple[float, ...] = ()
    """Log evidence per class, where no cue is known."""


class Eyes:
    """Sees pictures and maps by the names under which screens show them; remembers what the instructions said."""

    def __init__(
        self, manifest: Manifest, digest_of: Callable[[str], Digest | None], read: Mapping[str, str] | None = None
    ) -> None:
        """`digest_of`: public blob name -> digest, None for what cannot be seen. `read`: ask -> answer that the texts gave."""
        self.classes = tuple(kind.key for kind in manifest.classes)
        self.read = read or {}
        self.titles = {title: kind.key for kind in manifest.classes for title in kind.title.values()}
        """Name of a class in any language -> its key, as the field guide shows them."""
        self._digest_of = digest_of
        cues = lens_cues(manifest)
        self.evidence: tuple[LensCue, ...] = tuple(cue for cue in cues if cue.code)
        self._marks = tuple(cue.name for cue in cues if not cue.code)
        self._codes = tuple(cue.code for cue in self.evidence)
        self._sights = {s.image: self._sight(s) for s in manifest.specimens}
        self._corners = {
            e.blob: sum(share for name, share in e.words if name in CORNERS)
            for s in manifest.specimens
            for methods in s.explanations.values()
            for e in methods.values()
            if e.kind == "map" and e.words
        }

    def look(self, name: str, weights: tuple[float, ...], mark: float, blur: float, rng: Random) -> dict[str, float]:
        """Return log evidence per class of the picture called `name`; {} where there is nothing to see.

        Args:
            name: As in `Panes.image`.
            weights: Logits per unit of each cue, in the pack's order; the last one goes on. Plain evidence has the first.
            mark: Logits for the class that a confounder points at.
            blur: SD of what is misperceived, per cue (a cue goes from -1 to 1), or in logits of plain evidence.
            rng: The person's.
        """
        sight = self._seen(name)
        if sight is None:
            return {}
        total = [0.0] * len(self.classes)
        for at, value in enumerate(sight.values):
            weight = weights[min(at, len(weights) - 1)] * (value + rng.gauss(0, blur) if blur else value)
            for k, code in enumerate(self._codes[at]):
                total[k] += weight * code
        for k, plain in enumerate(sight.plain):
            total[k] += weights[0] * (plain + rng.gauss(0, blur) if blur else plain)
        for k in sight.marks:
            total[k] += mark
        return dict(zip(self.classes, total, strict=True))

    def corners(self, name: str) -> float | None:
        """Return the share of a map's light that falls into the picture's corners, None where there is no map to see."""
        digest = self._digest_of(name) if name else None
        return None if digest is None else self._corners.get(digest)

    def _seen(self, name: str) -> Sight | None:
        digest = self._digest_of(name) if name else None
        return None if digest is None else self._sights.get(digest)

    def _sight(self, s: Specimen) -> Sight:
        marks = tuple(at for name in self._marks if (at := int(s.cues.get(name, -1))) >= 0)
        values = [s.scene.get(cue.name, s.cues.get(cue.name)) for cue in self.evidence]
        if values and all(isinstance(value, int | float) for value in values):
            return Sight(tuple(2 * float(value or 0) - 1 for value in values), marks)
        posterior = s.posterior_image or s.posterior
        if s.solo_rate is None and posterior:
            logs = [PEOPLE * math.log(max(p, 1e-3)) for p in posterior]
            middle = sum(logs) / len(logs)
            return Sight(plain=tuple(log - middle for log in logs), marks=marks)
        rate = min(0.98, max(0.02, USUAL_RATE if s.solo_rate is None else s.solo_rate))
        clear = math.log(rate / (1 - rate) * max(1, len(self.classes) - 1))
        return Sight(plain=tuple(clear if key == s.truth else 0.0 for key in self.classes), marks=marks)


def eyes_of(study: Study, manifest: Manifest, salt: str) -> Eyes:
    """Return the eyes of people who play a study in process, where blob names are keyed by `salt`."""
    names = {blob_name(salt, digest): digest for digest in manifest.blobs}
    return Eyes(manifest, names.get, read_in(study))


def read_in(study: Study) -> dict[str, str]:
    """Return what people who read the texts know: right answers of quizzes and attention pages, by the name of the ask."""
    told = {f"quiz_{question.name}": question.right for question in study.question}
    return told | {f"attention_{number}": answer for number, answer in INSTRUCTED.items()}

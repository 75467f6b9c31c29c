"""An explanation with all it was made with: nothing about a map has to be remembered elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ai.explanation import Examples, Explanation, Maps
from ai.fidelity import MapFidelity
from ai.passes import Passes
from game.canonical import Digest
from game.pack import Scalar
from game.registry import explainer


@dataclass(frozen=True)
class Attribution:
    """One method over one set of images.

    `params` are all parameters, defaults included; `logits` is each target's logit (fp32); `baseline` what stands for
    nothing to see, "" where nothing does; `gap` the completeness gap per image, None where the method has none;
    `digest` the sha256 of the model's weights. `precision` is that of the passes the method reads: gradients are always
    fp32, so "bf16" where it reads forward passes alone, and "mixed" where it reads both. `fidelity` is the cosine of the
    logits to those in fp32; 1 in fp32. `maps` is how near the maps themselves are, None in fp32 and where none were compared.
    """

    explanation: Explanation
    method: str
    params: Mapping[str, Scalar]
    seed: int
    targets: tuple[int, ...]
    logits: NDArray[np.float32]
    baseline: str
    gap: NDArray[np.float32] | None
    seconds: float
    device: str
    model: str
    digest: Digest
    precision: str
    fidelity: float
    batch: int
    maps: MapFidelity | None = None

    @classmethod
    def of(
        cls,
        explanation: Explanation,
        passes: Passes,
        *,
        method: str,
        params: Mapping[str, Scalar],
        seed: int,
        targets: Sequence[int],
        seconds: float,
        maps: MapFidelity | None = None,
    ) -> Attribution:
        """Return the record of what `method` made of `passes`."""
        info: Mapping[str, Scalar] = {} if isinstance(explanation, Examples) else explanation.info
        logits = passes.logits().cpu().numpy()
        precision = precision_of(method, passes, params)
        passes.digest = passes.digest or digest_of(passes.module)
        return cls(
            explanation,
            method,
            dict(params),
            seed,
            tuple(targets),
            logits[np.arange(len(targets)), list(targets)],
            str(info.get("baseline", params.get("baseline", ""))),
            explanation.gap if isinstance(explanation, Maps) else None,
            seconds,
            str(passes.images.device),
            passes.model,
            passes.digest,
            precision,
            1.0 if precision == "fp32" else passes.fidelity,
            passes.batch,
            maps,
        )

    def known(self, n: int) -> dict[str, Scalar]:
        """Return the parameters of image `n`'s map and what the method noted of it: a class stands by its number."""
        return {**self.params, **self.explanation.known(n)}

    def facts(self, n: int) -> dict[str, Scalar]:
        """Return what is known of image `n`'s map as plain values, its parameters and the method's own notes included."""
        told: dict[str, Scalar] = {
            "method": self.method,
            **self.known(n),
            "seed": self.seed,
            "target": self.targets[n],
            "target_logit": round(float(self.logits[n]), 4),
            "baseline": self.baseline,
            "seconds": round(self.seconds, 4),
            "device": self.device,
            "model": self.model,
            "digest": self.digest,
            "precision": self.precision,
            "fidelity": round(self.fidelity, 6),
            **self._near(),
            "batch": self.batch,
        }
        return told if self.gap is None else {**told, "gap": float(self.gap[n])}

    def _near(self) -> dict[str, Scalar]:
        """Return how near the maps are to those in fp32; nothing where they are in fp32."""
        if self.precision == "fp32":
            return {}
        return self.maps.facts() if self.maps else {"map_fidelity": None}


LOW, FULL = ("forward", "masked"), ("gradient", "backward", "modified", "activations", "attention", "features")
"""Passes that are run at the precision asked for, and passes that always are in fp32."""


def precision_of(method: str, passes: Passes, params: Mapping[str, Scalar]) -> str:
    """Return what a method's declared passes ran at, and those of the `base` that a control stands in for."""
    read, base = set(explainer[method].info["passes"]), params.get("base")
    if isinstance(base, str) and base in explainer and (read or params.get("match")):
        read |= set(explainer[base].info["passes"])
    if passes.runner.precision == "fp32" or not read.intersection(LOW):
        return "fp32"
    return "mixed" if read.intersection(FULL) else passes.runner.precision


_FULL: WeakKeyDictionary[Passes, Passes] = WeakKeyDictionary()
"""Passes -> those over their first images in fp32, so that methods share what they make there too."""


def in_full(passes: Passes) -> Passes:
    """Return passes of the same model over the first `passes.compared` images in fp32, counted apart."""
    some = passes.images[: passes.compared]
    if passes not in _FULL or len(_FULL[passes]) != len(some):
        made = Passes(passes.module, some, layer=passes.layer, has=passes.has, model=passes.model, batch=passes.batch)
        made.runner.lacking, made.runner.classes = passes.runner.lacking, passes.runner.classes
        _FULL[passes] = made
    made = _FULL[passes]
    made.digest, made.surroundings, made.room = passes.digest, passes.surroundings, passes.room
    made.foreseen = passes.foreseen
    return made


def digest_of(module: nn.Module) -> Digest:
    """Return the sha256 of a module's numbers with their names and shapes."""
    made = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        made.update(f"{name}{tuple(value.shape)}{value.dtype}".encode())
        made.update(value.detach().cpu().contiguous().numpy().tobytes())
    return made.hexdigest()

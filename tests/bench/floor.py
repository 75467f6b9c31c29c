"""The floor: what a method must cost at least, from the passes it needs and what one pass costs on this machine.

F is one forward, G one forward with the gradient at the image, L one forward with the gradient at the layer that is read:
each the cheapest of eager and fused, in the best batch. A pass with a modified rule counts as the plain one; what a rule
adds (a second product through every layer) counts as what it repeats.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ai.fused import fused
from ai.passes import Passes
from ai.runner import Quick, Runner

BATCHES = {"cpu": (8, 16, 32), "cuda": (64, 128, 256, 512)}
ROUNDS = 5


@dataclass(frozen=True)
class Needs:
    """Passes per image, and per call (`once`, forwards that all images share)."""

    f: float = 0
    g: float = 0
    l: float = 0  # noqa: E741  (the name of the pass)
    once: float = 0

    def __str__(self) -> str:
        parts = [(self.f, "F"), (self.g, "G"), (self.l, "L")]
        said = " + ".join(f"{n:g} {kind}" for n, kind in parts if n).replace("+ -", "- ")
        return said + (f" + {self.once:g} F a call" if self.once else "")


STEPS, SAMPLES, REFERENCES, MASKS, ORDERS, CLIMB = 16, 25, 10, 200, 8, 10
GRID = 6
CELLS = GRID * GRID
PARAMS: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"steps": STEPS},
    "blur_ig": {"steps": 2 * STEPS},
    "expected_gradients": {"samples": SAMPLES},
    "deeplift_shap": {"samples": REFERENCES},
    "kernel_shap": {"masks": MASKS},
    "lime": {"masks": MASKS},
    "rise": {"masks": MASKS},
    "rise_grid": {"masks": MASKS},
    "shapley_sampling": {"orders": ORDERS},
    "extremal_mask": {"steps": CLIMB},
}
"""What is set for the benchmark; all else is the method's default."""

ONE = Needs(g=1)
NEEDS: dict[str, Needs] = {
    "saliency": ONE,
    "input_x_gradient": ONE,
    "contrast": ONE,  # the gradient of a difference
    "smoothgrad": Needs(g=SAMPLES),
    "vargrad": Needs(g=SAMPLES),
    "integrated_gradients": Needs(f=2, g=STEPS),
    "blur_ig": Needs(f=2, g=2 * STEPS),
    "expected_gradients": Needs(f=1, g=SAMPLES),  # the references' logits are asked for once of a model, not counted
    "gradcam": Needs(l=1),
    "gradcam_plus_plus": Needs(l=1),
    "layercam": Needs(l=1),
    "eigencam": Needs(f=1),
    "guided_gradcam": ONE,
    "guided_backprop": ONE,
    "deconvolution": ONE,
    "deeplift": Needs(f=1, g=1),  # image and reference forward, one backward
    "deeplift_shap": Needs(f=1 - REFERENCES, g=REFERENCES, once=REFERENCES),  # one forward, a backward each
    "lrp_epsilon": ONE,
    "lrp_zplus": Needs(f=1, g=1),  # positive contributions go forward once more
    "lrp_gamma": Needs(f=1, g=1),
    "lrp_alpha_beta": Needs(g=2),  # and back once more
    "occlusion": Needs(f=226),
    "feature_ablation": Needs(f=CELLS + 2),
    "kernel_shap": Needs(f=MASKS),
    "lime": Needs(f=MASKS),
    "rise": Needs(f=MASKS),
    "rise_grid": Needs(f=MASKS),
    "shapley_sampling": Needs(f=ORDERS * (CELLS - 1) + 2),
    "scorecam": Needs(f=129),
    "extremal_mask": Needs(g=8 * CLIMB),
    "rollout": Needs(f=1),
    "attention_flow": Needs(f=1),
    "attention_last": Needs(f=1),
    "chefer": ONE,
    "gradient_x_attention": ONE,
    "attn_lrp": ONE,
}
"""Method -> what it cannot do without, with `PARAMS`; counted from its definition, not from our program."""


class Took(NamedTuple):
    """Seconds by the clock, the device's queue included, and of the processor: those of all threads, waiting included."""

    wall: float
    cpu: float

    def __add__(self, other: Took) -> Took:  # type: ignore[override]
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def over(self, n: float) -> Took:
        """Return the share of one of n."""
        return Took(self.wall / n, self.cpu / n)


def seconds(work: Callable[[], object], device: str) -> Took:
    """Return how long `work` takes."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    start, spent = time.perf_counter(), time.process_time()
    work()
    wait()
    return Took(time.perf_counter() - start, time.process_time() - spent)


@dataclass
class Pace:
    """Seconds per image of each pass, in the batch and form that were fastest; `again` measures them anew."""

    passes: Passes
    form: dict[str, tuple[Runner, int]] = field(default_factory=dict[str, tuple[Runner, int]])

    @property
    def device(self) -> str:
        """Return the kind of device."""
        return self.passes.images.device.type

    def choose(self) -> None:
        """Find the fastest form and batch of each pass: the best of some rounds, all taking turns."""
        module, some = self.passes.module, self.passes.images[:1]
        copy, changed = fused(module, some)
        last, _ = fused(module, some)
        last.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - torch knows it
        quicks = (None, Quick(copy, False, changed), Quick(last, True, changed))
        tries = [(q, size) for q in quicks for size in BATCHES[self.device]]
        for kind in "fgl":
            # Forms are told apart by the processor's time where one thread runs: other work cannot disturb that.
            best = dict.fromkeys(range(len(tries)), float("inf"))
            by_cpu = self.device == "cpu" and torch.get_num_threads() == 1
            for _ in range(ROUNDS):
                for k, (quick, size) in enumerate(tries):
                    took = self._one(kind, Runner(module, batch=size, quick=quick), size)
                    best[k] = min(best[k], (took.cpu if by_cpu else took.wall) / size)
            quick, size = tries[min(best, key=lambda k: best[k])]
            self.form[kind] = Runner(module, batch=size, quick=quick), size

    def again(self, kinds: str, least: float = 0.06) -> dict[str, Took]:
        """Return seconds per image of some kinds of pass, each over at least `least` seconds and two batches."""
        found: dict[str, Took] = {}
        for kind in kinds:
            runner, size = self.form[kind]
            took: list[Took] = []
            while len(took) < 2 or sum(t.wall for t in took) < least:
                took.append(self._one(kind, runner, size))
            found[kind] = sum(took, Took(0, 0)).over(len(took) * size)
        return found

    def _one(self, kind: str, runner: Runner, size: int) -> Took:
        """Time one batch of one kind of pass, without what the engine does around it."""
        images = self.passes.images
        x = images[torch.arange(size, device=images.device) % len(images)]
        quick = runner.ahead.quick
        if kind == "l" and quick and self.passes.layer in quick.changed:
            return Took(float("inf"), float("inf"))
        module, x = quick.module if quick else runner.module, runner.ahead.laid(x)
        return seconds(lambda: self._pass(kind, module, x), self.device)

    def _pass(self, kind: str, module: torch.nn.Module, x: Tensor) -> None:
        module.eval()
        if kind == "f":
            with torch.no_grad():
                module(x)
            return
        held: list[Tensor] = []

        def keep(_module: object, _given: object, out: Tensor) -> None:
            held.append(out)

        hook = module.get_submodule(self.passes.layer).register_forward_hook(keep)
        at = x.detach().requires_grad_(kind == "g")
        try:
            with torch.enable_grad():
                # A layer's output needs a gradient even where the parameters of a copy are frozen.
                score = module(at if kind == "g" else at.detach().requires_grad_())[:, 0].sum()
                torch.autograd.grad(score, at if kind == "g" else held[0])
        finally:
            hook.remove()


def floor(needs: Needs, cost: dict[str, Took], images: int) -> Took:
    """Return the least seconds for so many images."""
    none = Took(0, 0)
    f, g, l = (cost.get(k, none) for k in "fgl")  # noqa: E741 (the name of the pass)
    each = (needs.f * images + needs.once, needs.g * images, needs.l * images)
    return Took(*(sum(n * c for n, c in zip(each, costs, strict=True)) for costs in zip(f, g, l, strict=True)))


def kinds(needs: Needs) -> str:
    """Return the kinds of pass that a method needs."""
    return "".join(k for k, n in (("f", needs.f or needs.once), ("g", needs.g), ("l", needs.l)) if n)

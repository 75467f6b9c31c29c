"""What is timed on both sides for each metric: our settings, and Quantus with as many perturbations."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import quantus

# numpy 2.4 has no `trapz`: IROF of Quantus 0.6.0 stops without it.
if not hasattr(np, "trapz"):
    np.trapz = np.trapezoid  # type: ignore[attr-defined]

SIDE, CHANNELS = 96, 3
PIXELS, NUMBERS = SIDE * SIDE, CHANNELS * SIDE * SIDE
QUIET = {"disable_warnings": True, "display_progressbar": False, "return_aggregate": False}
PLAIN = {**QUIET, "normalise": False, "abs": False}
MASKED = {**QUIET, "normalise": False, "abs": True}
"""On absolute maps, as ours: with their sign Quantus warns or fails."""


@dataclass(frozen=True)
class Scene:
    """What both sides get."""

    mate: Any
    passes: Any
    targets: tuple[int, ...]
    maps: Mapping[str, Any]
    masks: Any


@dataclass(frozen=True)
class Row:
    """One metric: our metrics with their settings, and a call of Quantus for one method."""

    name: str
    family: str
    ours: Callable[[bool], dict[str, dict[str, Any]]]
    theirs: Callable[[Scene, str, bool], Any]


def gradients(model: Any, inputs: Any, targets: Any, **_: Any) -> Any:
    """Return saliency as Quantus asks for it, in one batch."""
    x = torch.as_tensor(np.asarray(inputs), dtype=torch.float32).requires_grad_()
    chosen = model(x).gather(1, torch.as_tensor(np.asarray(targets))[:, None]).sum()
    return torch.autograd.grad(chosen, x)[0].abs().amax(1, keepdim=True).numpy()


def asked(name: str, settings: Callable[[bool], dict[str, Any]], *, again: bool = False, masks: bool = False) -> Any:
    """Return a call of the metric `name` of Quantus for one method's maps."""

    def call(here: Scene, method: str, quick: bool) -> Any:
        metric = getattr(quantus, name)(**settings(quick))
        more: dict[str, Any] = {"explain_func": gradients} if again else {}
        if masks:
            more["s_batch"] = here.masks[:, None].astype(np.float32)
        return metric(
            model=here.passes.module,
            x_batch=here.passes.images.numpy(),
            y_batch=np.array(here.targets),
            a_batch=here.maps[method][:, None].copy(),
            channel_first=True,
            batch_size=64,
            **more,
        )

    return call


def _n(many: int, quick: bool) -> int:
    """Return how many perturbations are asked for: 12 in a quick run."""
    return 12 if quick else many


def _step(many: int, quick: bool) -> int:
    """Return how many numbers go at once so that so many steps are made; Quantus wants it to divide the pixels."""
    return NUMBERS // _n(many, quick)


def perturbed() -> list[Row]:
    """Metrics whose perturbations depend on no map."""
    grey = {"perturb_baseline": 0.0, **PLAIN}
    return [
        Row("faithfulness_correlation", "perturbation",
            lambda q: {"faithfulness_correlation": {"draws": _n(100, q), "side": SIDE, "share": 224 / PIXELS, "baseline": "grey"}},
            asked("FaithfulnessCorrelation", lambda q: {"nr_runs": _n(100, q), "subset_size": 224, **grey})),
        Row("faithfulness_estimate", "perturbation",
            lambda q: {"faithfulness_estimate": {"side": 4 if q else 12, "baseline": "grey"}},
            asked("FaithfulnessEstimate", lambda q: {"features_in_step": _step(144, q), **grey})),
        Row("infidelity", "perturbation",
            lambda q: {"infidelity": {"side": 4 if q else 12, "baseline": "grey"}},
            asked("Infidelity", lambda q: {"perturb_patch_sizes": [24 if q else 8], "n_perturb_samples": 1, **grey})),
        Row("sensitivity_n", "perturbation",
            lambda q: {"sensitivity_n": {"draws": 3 if q else 20, "baseline": "grey"}},
            asked("SensitivityN", lambda q: {"features_in_step": _step(96, q), "n_max_percentage": 1.0, **grey})),
        Row("monotonicity_correlation", "perturbation",
            lambda q: {"monotonicity_correlation": {"draws": 3, "side": 4 if q else 7}},
            asked("MonotonicityCorrelation", lambda q: {"features_in_step": _step(48, q), "nr_samples": 3,
                                                        "perturb_baseline": "uniform", **MASKED})),
    ]  # fmt: skip


def ordered() -> list[Row]:
    """Metrics whose perturbations follow each map: here every map has passes of its own."""
    grey = {"perturb_baseline": 0.0, **PLAIN}
    return [
        Row("pixel_flipping", "in order", lambda q: {"pixel_flipping": {"steps": _n(48, q), "baseline": "grey"}},
            asked("PixelFlipping", lambda q: {"features_in_step": _step(48, q), **grey})),
        Row("region_perturbation", "in order",
            lambda q: {"region_perturbation": {"steps": _n(48, q), "side": 12, "each": 1, "baseline": "grey"}},
            asked("RegionPerturbation", lambda q: {"patch_size": 8, "regions_evaluation": _n(48, q), **grey})),
        Row("monotonicity", "in order", lambda q: {"monotonicity": {"steps": _n(48, q) - 1}},
            asked("Monotonicity", lambda q: {"features_in_step": _step(48, q), **grey})),
        Row("irof", "in order", lambda q: {"irof": {"steps": _n(36, q), "baseline": "grey"}}, asked("IROF", lambda q: grey)),
        Row("road", "in order", lambda q: {"road": {"steps": _n(24, q)}},
            asked("ROAD", lambda q: {"percentages": np.linspace(5, 95, _n(24, q)).tolist(), **PLAIN})),
        Row("sufficiency", "in order", lambda q: {"sufficiency_alike": {"threshold": 1.0}},
            asked("Sufficiency", lambda q: {"threshold": 1.0, **MASKED})),
    ]  # fmt: skip


def repeated() -> list[Row]:
    """Metrics that run the method again, each by itself. Quantus always runs saliency, which is the cheapest of ours."""
    rows = list[Row]()
    for ours, theirs in (
        ("max_sensitivity", "MaxSensitivity"), ("avg_sensitivity", "AvgSensitivity"),
        ("local_lipschitz", "LocalLipschitzEstimate"), ("relative_input_stability", "RelativeInputStability"),
        ("relative_output_stability", "RelativeOutputStability"),
    ):  # fmt: skip
        rows.append(Row(ours, "robustness", lambda q, n=ours: {n: {"draws": 3 if q else 10}},
                        asked(theirs, lambda q: {"nr_samples": 3 if q else 10, **PLAIN}, again=True)))  # fmt: skip
    rows.append(
        Row("relative_representation_stability", "robustness",
            lambda q: {"relative_representation_stability": {"draws": 3 if q else 10}},
            asked("RelativeRepresentationStability",
                  lambda q: {"nr_samples": 3 if q else 10, "layer_names": ["pool"], **PLAIN}, again=True)))  # fmt: skip
    for order in ("top_down", "bottom_up", "independent"):
        rows.append(Row(f"mprt_{order}", "randomisation", lambda _q, o=order: {f"mprt_{o}": {"layers": 99}},
                        asked("MPRT", lambda _q, o=order: {"layer_order": o, **PLAIN}, again=True)))  # fmt: skip
    rows += [
        Row("efficient_mprt", "randomisation", lambda q: {"efficient_mprt": {}},
            asked("EfficientMPRT", lambda q: PLAIN, again=True)),
        Row("random_logit", "randomisation", lambda q: {"random_logit": {}},
            asked("RandomLogit", lambda q: {"num_classes": 4, "similarity_func": quantus.similarity_func.correlation_spearman,
                                            **PLAIN}, again=True)),
    ]  # fmt: skip
    return rows


def read() -> list[Row]:
    """Metrics that read maps and masks only."""
    out = list[Row]()
    for ours, theirs in (
        ("pointing_game", "PointingGame"), ("relevance_mass", "RelevanceMassAccuracy"),
        ("relevance_rank", "RelevanceRankAccuracy"), ("top_k_intersection", "TopKIntersection"), ("localisation_auc", "AUC"),
    ):  # fmt: skip
        k = {"k": round(0.02 * PIXELS)} if theirs == "TopKIntersection" else {}
        out.append(
            Row(
                ours,
                "localisation",
                lambda _q, n=ours: {n: {}},
                asked(theirs, lambda _q, k=k: {**MASKED, **k}, masks=True),
            )
        )
    for ours, theirs in (
        ("sparseness", "Sparseness"), ("entropy", "Complexity"), ("effective_complexity", "EffectiveComplexity")
    ):  # fmt: skip
        out.append(Row(ours, "complexity", lambda _q, n=ours: {n: {}}, asked(theirs, lambda _q: MASKED)))
    return out


ROWS = (*perturbed(), *ordered(), *repeated(), *read())

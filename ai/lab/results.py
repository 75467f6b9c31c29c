"""Writes the results folder of a comparison; see `game/lab.py` for what is in it."""

from __future__ import annotations

import csv
import io
import math
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PIL import Image

from ai import whole
from ai.jobstore import JobStore
from ai.lab.bundles import Bundle
from ai.lab.findings import exposures, fair_of, items, sanity
from ai.lab.judging import stacked
from ai.lab.mapping import charted
from ai.lab.material import confounder_of
from ai.lab.presets import settings
from ai.lab.rows import Rows
from ai.lab.runs import is_control
from ai.render import shade
from game.lab import CURVES, FORMAT, PAIRS, SCORES, VERSION, Items, Lab, Method, Metric, Model, Task
from game.registry import explainer, quality

if TYPE_CHECKING:  # which imports this file
    from ai.lab.comparison import Comparison

SIDE, LEVELS, RENDERING = 64, 32, "p60_p99"
"""Of the small maps: pixels, grey levels, and the one rendering of all."""
LIBRARIES = ("coplay", "torch", "numpy", "pillow", "captum", "scipy")


def write(folder: Path, made: Comparison, bundles: Sequence[Bundle], rows: Rows) -> Lab:
    """Write everything; `lab.json` comes last, so a folder that has one is whole. Raises Unwritable."""
    whole.folder(folder)
    notes = list(made.notes)
    scores = [(r.task, r.model, r.method, r.metric, r.specimen, r.seed, r.variant, _cell(r.value), _cell(r.chance), r.why)
              for r in rows.scores]  # fmt: skip
    pairs = [(*p[:6], _cell(p.value), p.why) for p in rows.pairs]
    for name, columns, lines in (
        ("scores", SCORES, scores),
        ("pairs", PAIRS, pairs),
        ("curves", CURVES, list(rows.curves())),
    ):
        whole.write(folder / f"{name}.csv", _csv(columns, lines))
        if (data := _parquet(columns, lines)) is not None:
            whole.write(folder / f"{name}.parquet", data)
    if _pyarrow() is None:
        notes.append("no Parquet was written: pip install 'coplay[report]'")
    _pictures(folder / "maps", bundles, made.store)
    told = _items(bundles, rows, made.store)
    whole.write(folder / "items.json", msgspec.json.format(msgspec.json.encode(told), indent=1))
    lab = _summary(made, bundles, rows, tuple(notes))
    whole.write(folder / "lab.json", msgspec.json.format(msgspec.json.encode(lab), indent=1))
    return lab


def _summary(made: Comparison, bundles: Sequence[Bundle], rows: Rows, notes: tuple[str, ...]) -> Lab:
    cpu = {
        "maps": sum(charted(made.store.get(k)).seconds for b in bundles for job in b.maps for k in job.keys),
        **rows.cpu,
    }
    return Lab(
        format=FORMAT,
        version=VERSION,
        created_by="coplay compare",
        preset=made.name,
        images=made.preset.images,
        tasks=tuple(_task(m) for m in made.materials),
        models=tuple(_model(b, bundles) for b in bundles),
        methods=_methods(bundles),
        metrics=tuple(_metric(name, made, rows) for name in made.metrics),
        counts=tuple(rows.counts()),
        exposures=tuple(exposures(bundles, rows)),
        seed=made.seed,
        seconds=dict(made.seconds),
        cpu_seconds={name: round(seconds, 1) for name, seconds in cpu.items()},
        workers=made.workers,
        notes=notes,
        versions={name: _version(name) for name in LIBRARIES} | {"python": platform.python_version()},
    )


def _task(m: Any) -> Task:
    source, keys = m.made, [s.key for s in m.made.species]
    known = [cue.name for cue in source.cues]
    hidden = confounder_of(source)
    return Task(
        name=m.name,
        title=dict(m.recipe.title),
        source=m.recipe.source,
        pack=m.pack,
        study=m.folder.name,
        specimens=m.ids,
        truths={i: keys[t] for i, t in zip(m.ids, m.truths, strict=True)},
        cues={"evidence": tuple(known), "confounder": (hidden,)} if known else {},
        diagnosticity={k: round(v, 4) for k, v in source.diagnosticity().items()} if known else {},
    )


def _model(b: Bundle, bundles: Sequence[Bundle]) -> Model:
    recipe, fair = b.hired.recipe, fair_of(b, bundles)
    right = np.array(b.targets) == np.array(b.material.truths)
    return Model(
        task=b.material.name,
        name=b.hired.name,
        title=recipe.title,
        architecture=recipe.model,
        kind=recipe.training.kind,
        digest=b.hired.net.digest,
        seed=recipe.training.seed,
        accuracy=round(float(right.mean()), 4),
        n=len(right),
        fair=fair.hired.name if fair else "",
        refused=b.refused,
    )


def _methods(bundles: Sequence[Bundle]) -> tuple[Method, ...]:
    made: dict[str, Method] = {}
    for run in (run for b in bundles for run in b.runs):
        info = explainer[run.method].info
        made.setdefault(run.key, Method(
            key=run.key, method=run.method, family=info["family"], signed=info["signed"], seed=run.seed,
            parameters=dict(run.params), cite=info["cite"], control=is_control(run.method),
        ))  # fmt: skip
    return tuple(made.values())


def _metric(name: str, made: Comparison, rows: Rows) -> Metric:
    info, text = quality[name].info, (quality[name].thing.__doc__ or "").strip()
    scored = [r.value for r in rows.scores if r.metric == name and r.method == "random" and not r.variant]
    known = [v for v in scored if not math.isnan(v)]
    return Metric(
        name=name,
        **{
            k: info[k]
            for k in ("family", "reads", "takes", "better", "random", "cite", "needs", "unit", "least", "most")
        },
        estimated=round(float(np.mean(known)), 4) if known and info["random"] is None else None,
        about=" ".join(text.split("\n\n")[0].split()),
        parameters=settings(name, made.preset),
    )


def _items(bundles: Sequence[Bundle], rows: Rows, store: JobStore) -> Items:
    return Items(
        format=FORMAT,
        version=VERSION,
        packs={b.material.name: b.material.pack for b in bundles},
        items=tuple(item for b in bundles for item in items(b, rows, store)),
        sanity=tuple(one for b in bundles for one in sanity(b, rows)),
    )


def _pictures(folder: Path, bundles: Sequence[Bundle], store: JobStore) -> None:
    """Write the images, and every map small and grey."""
    for b in bundles:
        m = b.material
        task = folder / m.name
        task.mkdir(parents=True, exist_ok=True)
        for i, scene in zip(m.ids, m.scenes, strict=True):
            if not (task / f"{i}.webp").is_file():
                Image.fromarray(m.made.draw(scene, 2 * SIDE)).save(task / f"{i}.webp", quality=80)
        for run in b.runs:
            try:
                maps = stacked(b.results(store, run, 0, len(m.ids))[0], len(m.ids))
            except ValueError:  # its scores say why
                continue
            here = task / b.hired.name / run.key
            here.mkdir(parents=True, exist_ok=True)
            for i, values in zip(m.ids, maps, strict=True):
                data = io.BytesIO()
                Image.fromarray(shade(values, SIDE, RENDERING, LEVELS)).save(data, "PNG", optimize=True)
                (here / f"{i}.png").write_bytes(data.getvalue())


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.7g}")


def _csv(columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(columns)
    out.writerows(lines)
    return text.getvalue().encode()


def _parquet(columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> bytes | None:
    arrow = _pyarrow()
    if arrow is None:
        return None
    pa, pq = arrow
    numbers = {"value": pa.float64(), "chance": pa.float64(), "x": pa.float64(), "y": pa.float64()}
    kinds = {**numbers, "seed": pa.int64(), "n": pa.int64()}
    held = list(zip(*lines, strict=True)) or [()] * len(columns)
    arrays = [pa.array(list(column), kinds.get(name, pa.string())) for name, column in zip(columns, held, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, names=list(columns)), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _pyarrow() -> tuple[Any, Any] | None:
    try:
        import pyarrow as pa  # noqa: PLC0415 - the report's extra
        import pyarrow.parquet as pq  # noqa: PLC0415 - the same
    except ModuleNotFoundError:
        return None
    return pa, pq


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

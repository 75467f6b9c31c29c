"""How often intervals cover the truth, and how often tests of nothing find something: `python -m tests.bench.inference`.

Every world is drawn with participants and specimens that differ; its truth is known (population-averaged values by quadrature).
"""

import argparse
import json
import math
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from game.round import Round
from server.report.inference.clustered import cluster_robust, odds_ratio
from server.report.inference.comparison import compare
from server.report.inference.equivalence import equivalence
from server.report.inference.exposure import cace
from server.report.inference.marginal import gee
from server.report.inference.mixed import mixed_logit
from server.report.inference.permuted import max_t
from server.report.inference.resampled import bootstrap
from server.report.inference.small import small_clusters, wild_bootstrap
from server.report.inference.weighted import ipw

BASE, SD_PERSON, SD_ITEM = 0.6, 0.7, 0.7
SHADOW = 0.25


def chance(log_odds, sd):
    """The mean of a share whose log odds vary with a standard deviation."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    return float((weights / (1 + np.exp(-(log_odds + sd * nodes)))).sum() / weights.sum())


def truth(effect=0.0, sd_person=SD_PERSON, sd_item=SD_ITEM):
    """Difference, population-averaged odds ratio, and conditional odds ratio."""
    sd = math.hypot(sd_person, sd_item)
    one, other = chance(BASE + effect, sd), chance(BASE, sd)
    return one - other, one / (1 - one) * (1 - other) / other, math.exp(effect)


def world(
    seed,
    *,
    people=40,
    rounds=20,
    items=20,
    within=False,
    effect=0.0,
    sd_person=SD_PERSON,
    sd_item=SD_ITEM,
    complies=1.0,
):
    """Rounds of two conditions, "map" and "plain"; items are shared, and drawn anew for each condition within persons."""
    draw = np.random.default_rng(seed)
    skill, ease = sd_person * draw.normal(size=people), sd_item * draw.normal(size=items)
    made = []
    for who in range(people):
        order = draw.permutation(items)[:rounds]
        reads = draw.random() < complies
        for place, item in enumerate(order, 1):
            mapped = bool(place % 2) if within else bool(who % 2)
            right = draw.random() < 1 / (1 + math.exp(-(BASE + effect * (mapped and reads) + skill[who] + ease[item])))
            ai_right = bool((item + seed) % 3)
            made.append(Round(
                study="w", participant=f"p{who}", condition="map" if mapped else "plain", round=place, specimen=f"x{item}",
                protocol="one_stage", source="simulated", ai_shown=True, decided_by="participant", correct=bool(right),
                ai_correct=ai_right, followed=bool(right) == ai_right, explanation_shown=bool(mapped and reads),
                explanation_kind="map" if mapped else "none", total_ms=int(2000 * math.exp(0.5 * draw.normal())),
            ))  # fmt: skip
    return made


def delegating(seed, *, people=60, rounds=20):
    """Rounds in which hard cases are left to the AI; own answers of those are asked by a drawn share. Truth: own accuracy."""
    draw = np.random.default_rng(seed)
    made = []
    for who in range(people):
        for place in range(1, rounds + 1):
            item = int(draw.integers(200))
            hard = item % 2 == 0
            own = bool(draw.random() < (0.55 if hard else 0.85))
            left = bool(draw.random() < (0.8 if hard else 0.2))
            shadow = left and bool(draw.random() < SHADOW)
            made.append(Round(
                study="w", participant=f"p{who}", condition="free", round=place, specimen=f"x{item}", protocol="delegation",
                source="simulated", delegation_offered=True, delegated=left, shadow=shadow, ai="a", ai_correct=True,
                own_correct=own if shadow else None, correct=True if left else own, decided_by="ai" if left else "participant",
                propensities={"shadow": SHADOW} if left else {},
            ))  # fmt: skip
    return made


def covers(effect, value):
    """Whether the interval holds the truth; None where there is none."""
    return None if not effect.defined else bool(effect.low <= value <= effect.high)


METHODS = {
    "cluster_robust": (cluster_robust, 0), "bootstrap": (partial(bootstrap, resamples=400), 0),
    "small_clusters": (small_clusters, 0), "wild_bootstrap": (partial(wild_bootstrap, resamples=399), 0),
    "odds_ratio": (odds_ratio, 1), "gee": (gee, 1), "mixed_logit": (mixed_logit, 2),
}  # fmt: skip
"""Name -> method, and which of `truth` it estimates."""


def one(seed, names, settings):
    """Whether each method covers, and finds an effect, in one world."""
    comparison = compare(world(seed, **settings), "accuracy", "map", "plain")
    values = truth(settings.get("effect", 0.0), settings.get("sd_person", SD_PERSON), settings.get("sd_item", SD_ITEM))
    made = {name: METHODS[name][0](comparison) for name in names}
    return {
        name: (covers(each, values[METHODS[name][1]]), each.p < 0.05) for name, each in made.items() if each.defined
    }


def share(flags):
    """Share of true ones in percent, and its Monte Carlo error."""
    mean = sum(flags) / len(flags)
    return f"{100 * mean:.1f} ± {100 * math.sqrt(mean * (1 - mean) / len(flags)):.1f}"


def calibrated(runs, names, settings, pool=map):
    """Name -> (share covered, share found, worlds in which it was defined)."""
    rows = list(pool(partial(one, names=names, settings=settings), range(1, runs + 1)))
    made = {}
    for name in names:
        there = [row[name] for row in rows if name in row]
        made[name] = ([covered for covered, _ in there], [found for _, found in there])
    return made


def equivalent(seed, effect=0.35):
    """Whether equivalence is claimed where the truth lies on the margin: at most 5 %."""
    made = cluster_robust(
        compare(world(seed, effect=effect, people=60, rounds=30, items=60), "accuracy", "map", "plain")
    )
    return equivalence(made, abs(truth(effect)[0])).equivalence.equivalent


def family(seed, within=False):
    """Whether max-T over three outcomes of nothing finds anything: at most 5 %."""
    rounds = world(seed, within=within)
    made = max_t(
        [compare(rounds, name, "map", "plain") for name in ("accuracy", "over_reliance", "time")], resamples=199
    )
    return any(each.p_adjusted < 0.05 for each in made)


def complied(seed):
    """Whether the complier effect is covered where 70 % read the map."""
    made = cace(compare(world(seed, effect=0.8, complies=0.7, people=120), "accuracy", "map", "plain"))
    return covers(made, truth(0.8)[0])


def shadowed(seed):
    """Whether the own accuracy, 0.70, is covered where hard cases are delegated."""
    return covers(ipw(delegating(seed), "free"), 0.70)


SCENES = {
    "between, 40 people x 20 of 20 items, no effect": {},
    "between, 40 people x 20 of 20 items, log odds 0.5": {"effect": 0.5},
    "within, 40 people x 20 of 40 items, no effect": {"within": True, "items": 40},
    "within, 40 people x 20 of 40 items, log odds 0.5": {"within": True, "items": 40, "effect": 0.5},
    "between, 12 people x 20 of 200 items, no effect": {"people": 12, "items": 200},
}


def main():
    """Print one JSON document with the shares in percent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--mixed-runs", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    began, found = time.perf_counter(), {}
    with ProcessPoolExecutor(asked.processes) as workers:
        pool = partial(workers.map, chunksize=5)
        for scene, settings in SCENES.items():
            quick = calibrated(asked.runs, [name for name in METHODS if name != "mixed_logit"], settings, pool)
            slow = calibrated(asked.mixed_runs, ["mixed_logit"], settings, pool)
            found[scene] = {
                name: {"covered %": share(a), "p < .05 %": share(b), "worlds": len(a)}
                for name, (a, b) in (quick | slow).items()
                if a
            }
        ids = range(1, asked.runs + 1)
        found["equivalence claimed on the margin %"] = share(list(pool(equivalent, ids)))
        found["max-T, 3 outcomes of nothing, between %"] = share(list(pool(family, ids)))
        found["max-T, 3 outcomes of nothing, within %"] = share(list(pool(partial(family, within=True), ids)))
        found["CACE covered %"] = share([flag for flag in pool(complied, ids) if flag is not None])
        found["shadow weights covered %"] = share([flag for flag in pool(shadowed, ids) if flag is not None])
    print(
        json.dumps(
            found | {"runs": asked.runs, "seconds": round(time.perf_counter() - began)}, indent=1, ensure_ascii=False
        )
    )


if __name__ == "__main__":
    main()

"""The Bayesian mixed logit beside ours, on drawn worlds: `python -m tests.bench.posterior`. It needs the extra `bayes`."""

import time

from server.report.inference.bayes import bayes
from server.report.inference.comparison import compare
from server.report.inference.mixed import mixed_logit
from tests.bench.inference import world

WORLDS = (
    ("40 people x 20 rounds, between, log odds 0.5", 1, {"effect": 0.5}),
    ("the same, within", 3, {"effect": 0.5, "within": True}),
    ("12 people x 20 rounds, 40 specimens, no effect", 2, {"people": 12, "items": 40}),
)


def main():
    for name, seed, drawn in WORLDS:
        side = compare(world(seed, **drawn), "accuracy", "map", "plain")
        start = time.process_time()
        made = bayes(side)
        print(f"{name}: {time.process_time() - start:.0f} s of processor time")
        for each in (made, mixed_logit(side)):
            print(f"  {each.estimate:.2f} ({each.low:.2f} to {each.high:.2f}); {dict(each.details)}; {each.warnings}")


if __name__ == "__main__":
    main()

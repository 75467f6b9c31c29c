"""The mixed logit against lme4's glmer on data that are ours: numbers that it gave, and live where R and lme4 are installed."""

import csv
import json
import math
import shutil
import subprocess
from random import Random
from statistics import NormalDist

import numpy as np
import pytest

from server.report.inference.crossed import fit

SCRIPT = """
library(lme4)
d <- read.csv(commandArgs(TRUE)[1])
one <- glmer(y ~ x + (1 | person), data = d, family = binomial, nAGQ = 15)
two <- glmer(y ~ x + (1 | person) + (1 | item), data = d, family = binomial)
for (m in list(one, two)) {
  sds <- attributes(VarCorr(m)$person)$stddev
  if (length(ranef(m)) > 1) sds <- c(sds, attributes(VarCorr(m)$item)$stddev)
  cat(sprintf("[%s]\\n", paste(sprintf("%.6f", c(fixef(m), sqrt(diag(as.matrix(vcov(m)))), sds, logLik(m))), collapse = ", ")))
}
"""
ONE = [0.371823, 0.248246, 0.167332, 0.238042, 0.676467, -470.151312]
"""Intercept, effect, their standard errors, SD of people, log-likelihood: `glmer(nAGQ = 15)` of lme4 1.1-31, R 4.2.2."""
TWO = [0.392323, 0.286028, 0.240273, 0.341657, 0.734365, 0.562243, -461.746052]
"""The same with specimens crossed, which glmer takes by Laplace's method over both sides; the last but one is their SD."""


def drawn(people=60, items=24, rounds=12):
    """Rows of (y, x, person, item) by a generator whose stream Python promises."""
    rng, z = Random(20), NormalDist().inv_cdf
    skill, ease = [0.8 * z(rng.random()) for _ in range(people)], [0.6 * z(rng.random()) for _ in range(items)]
    rows = []
    for who in range(people):
        for at in range(rounds):
            item = (who + 2 * at) % items
            log_odds = 0.3 + 0.6 * (who % 2) + skill[who] + ease[item]
            rows.append((int(rng.random() < 1 / (1 + math.exp(-log_odds))), who % 2, who, item))
    return rows


def ours(rows):
    y, x, person, item = (np.array(column) for column in zip(*rows, strict=True))
    columns = np.column_stack([np.ones(len(y)), x.astype(float)])
    return fit(y.astype(float), columns, person), fit(y.astype(float), columns, person, item)


@pytest.fixture(scope="module")
def fits():
    return ours(drawn())


def compared(fits, one, two):
    """Quadrature is the same thing and agrees to a thousandth; of crossed effects glmer takes more by Laplace than we do."""
    single, crossed = fits
    found = [*single.weights, *np.sqrt(np.diag(single.covariance)), single.sd_inner]
    assert found == pytest.approx(one[:5], abs=1e-3)
    assert single.log_likelihood == pytest.approx(one[5], abs=1e-3)
    assert crossed.weights == pytest.approx(two[:2], abs=0.01)
    assert np.sqrt(np.diag(crossed.covariance)) == pytest.approx(two[2:4], rel=0.03)
    assert [crossed.sd_inner, crossed.sd_outer] == pytest.approx(two[4:6], abs=0.03)
    assert crossed.log_likelihood == pytest.approx(two[6], abs=1.0)


@pytest.mark.slow
def test_it_agrees_with_what_glmer_gave(fits):
    compared(fits, ONE, TWO)


@pytest.mark.slow
def test_it_agrees_with_glmer_here(fits, tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed (Rscript)")
    asked = subprocess.run(
        ["Rscript", "-e", 'cat(requireNamespace("lme4", quietly = TRUE))'], capture_output=True, text=True, check=False
    )
    if "TRUE" not in asked.stdout:
        pytest.skip("the R package lme4 is not installed")
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("y", "x", "person", "item"), *drawn()])
    (tmp_path / "fit.R").write_text(SCRIPT)
    made = subprocess.run(
        ["Rscript", str(tmp_path / "fit.R"), str(tmp_path / "rows.csv")], capture_output=True, text=True, check=True
    )
    one, two = map(json.loads, made.stdout.splitlines())
    assert one == pytest.approx(ONE, abs=2e-3)
    compared(fits, one, two)

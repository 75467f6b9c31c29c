"""The weight of a first visit to the demo: at most 100 kB over the wire until the first scored round is decoded."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e import hands
from tests.e2e.conftest import LAPTOP, PHONE, Demo
from tests.e2e.weighed import Scale

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BUDGET = 100_000
CODE = 40_000
"""Script and style: what else is in the budget are mostly pictures."""


@pytest.mark.parametrize(("device", "lang"), [(LAPTOP, "en"), (PHONE, "fr")])
def test_a_first_visit_weighs_no_more_than_its_budget(browser: Browser, demo: Demo, device: dict, lang: str):
    context = browser.new_context(**device, locale=lang)
    page = context.new_page()
    scale = Scale(context, page)
    hands.start(page, demo.links["participant"], lang)
    hands.play(page, until="main-1-01/")
    weights = scale.weights()
    context.close()
    print(weights)
    assert weights["pictures"] > 20_000, "the pictures of two rounds at least"
    assert weights["code"] <= CODE
    assert sum(weights.values()) <= BUDGET

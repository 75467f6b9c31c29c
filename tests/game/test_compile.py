"""Plans: small, balanced, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from game import registry
from game.canonical import digest, encode
from game.check import check
from game.compile import Names, catalogues, cells, plan
from game.pack import decode
from game.scaffold import scaffold
from game.study import Invalid, parse
from tests.tiny import Tiny, manifest, study

STUDIES = Path(registry.folder("game.studies"))
NAMES = Names("salt", "s", "m", {"en": "e", "fr": "f"})


def moths():
    """Return the demo's study and pack."""
    return parse((STUDIES / "moths/study.toml").read_text()), decode(
        (STUDIES / "moths/pack/manifest.json").read_bytes()
    )


def test_equal_seeds_give_equal_bytes_and_others_do_not():
    tiny = Tiny(study(rounds=8))
    make = lambda seed: encode(plan(tiny.study, tiny.manifest, tiny.names, "all", seed))  # noqa: E731
    assert make("a") == make("a")
    assert make("a") != make("b")


def test_a_plan_of_sixty_rounds_stays_under_15_kb():
    tiny = Tiny(study("judge_advisor", rounds=60), manifest(80))
    script = plan(tiny.study, tiny.manifest, tiny.names, "all", "seed")
    assert sum(step.card is not None for step in script.steps) == 60
    assert len(encode(script)) <= 15_000, len(encode(script))


def test_the_demo_is_balanced():
    made, pack = moths()
    assert len(cells(made)) == 18
    own: set[frozenset[str]] = set()
    for cell in cells(made):
        script = plan(made, pack, NAMES, cell, cell)
        rounds = [step for step in script.steps if step.scored]
        assert len(rounds) == 30
        assert len({step.card.specimen for step in rounds}) == 30
        for condition in ("alone", "ai", "ai_explained"):
            block = [step for step in rounds if step.condition == condition]
            assert len(block) == 10
            truth = {s.id: s for s in pack.specimens}
            wrong = [s for s in block if truth[s.card.specimen].advice["small_cnn"].label != s.card.truth]
            assert len(wrong) == 3
            counts = Counter(step.card.truth for step in block)
            assert max(counts.values()) - min(counts.values()) <= 1, "each block has the species equally often"
        own.add(frozenset(step.card.specimen for step in rounds))
    assert len(own) == 18, "each person gets specimens of their own"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["moths", "workflows"])
def test_the_studies_that_ship_have_no_problem(name: str):
    made, pack = parse((STUDIES / name / "study.toml").read_text()), moths()[1]
    import tomllib

    from game.catalogue import flatten

    own = {
        lang: flatten("", tomllib.loads((STUDIES / name / f"texts/{lang}.toml").read_text())) for lang in made.languages
    }
    texts = catalogues(registry.texts(), own, pack, made.languages)
    assert [str(p) for p in check(made, pack, texts, {}) if not p.warning] == []
    assert set(texts["en"]) == set(texts["fr"])


def test_a_solo_card_carries_nothing_of_the_ai():
    tiny = Tiny(study("solo", rounds=5))
    for step in plan(tiny.study, tiny.manifest, tiny.names, "all", "x").steps:
        assert step.card is None or (step.card.advice, step.card.overlay, step.card.model) == ("", "", "")


def test_a_scaffold_is_a_study_without_problems():
    pack = manifest(47, 2)
    made = parse(scaffold(pack))
    assert [c.name for c in made.condition] == ["practice", "alone", "ai", "ai_explained"]
    assert len(cells(made)) == 18
    texts = catalogues(registry.texts(), {}, pack, made.languages)
    assert [str(p) for p in check(made, pack, texts, {}) if not p.warning] == []


def test_a_broken_file_lists_every_problem_with_its_line():
    text = """format = 1
name = "x"
pack = 3
langages = ["en"]
[[condition]]
name = "a"
workflow = "solo"
advise = "label"
[[phase]]
nme = "main"
order = "sideways"
"""
    with pytest.raises(Invalid) as caught:
        parse(text)
    found = {(p.path, p.line) for p in caught.value.problems}
    assert {
        ("pack", 3),
        ("langages", 4),
        ("condition[0].advise", 8),
        ("phase[0].nme", 10),
        ("phase[0].order", 11),
    } <= found
    assert "did you mean 'languages'?" in str(caught.value)
    assert "one of 'fixed', 'all', 'latin'" in str(caught.value)


def test_contradictions_are_found_at_once():
    tiny = Tiny(study("concurrent"))
    text = encode(tiny.study).decode()
    import msgspec

    table = msgspec.json.decode(text)
    table["condition"][0] |= {"workflow": "concurent", "model": "nett", "explanation": "gradcamm"}
    table["phase"][1] |= {"sets": ["a", "b"], "blocks": ["arm", "ar"]}
    problems = check(msgspec.convert(table, type(tiny.study)), tiny.manifest, tiny.texts, {"condition[0]": 7})
    told = "\n".join(map(str, problems))
    assert "did you mean 'concurrent'?" in told
    assert "did you mean 'net'?" in told
    assert "no condition is called 'ar' (did you mean 'arm'?)" in told
    assert "no set is called 'b'" in told
    assert any(p.line == 7 for p in problems)


def test_too_few_specimens_and_missing_texts():
    few = Tiny(study("concurrent", rounds=100), manifest(8))
    assert "needs 100 specimens, the pack has 8 left" in str(check(few.study, few.manifest, few.texts, {})[0])
    tiny = Tiny(study("concurrent"))
    texts = {lang: {k: v for k, v in t.items() if k != "block.arm.title"} for lang, t in tiny.texts.items()}
    assert "text 'block.arm.title' is missing" in str(check(tiny.study, tiny.manifest, texts, {})[0])
    texts["fr"] = {**tiny.texts["fr"], "page.round": "Manche {nn}"}
    assert any("has the field {nn}" in str(p) for p in check(tiny.study, tiny.manifest, texts, {}))


def test_digest_of_a_study_does_not_depend_on_the_machine():
    assert digest(study("solo")) == "621a757a15fdaa83ecf03c8564dab6e1d6946c7546fb4184e7969509a5580ef9"

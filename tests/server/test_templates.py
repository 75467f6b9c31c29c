"""The studies that ship: each checks, says what it is, compiles for every cell, and is played to its end in process."""

import re
from pathlib import Path

import pytest

from game import registry
from game.canonical import encode
from game.events import Closed
from game.log import session_events
from game.rounds import rounds_of
from game.simulate import simulate
from game.verify import verify
from server.studies import open_study

ROOT = Path(str(registry.folder("game.studies")))
NAMES = sorted(path.parent.name for path in ROOT.glob("*/study.toml"))
DEMOS = {"moths", "workflows"}
PUBLISHED = {
    "three_phase", "hive", "utility_k", "accept_reject", "correspondence", "placebo_rct", "placebic", "simulatability",
    "debugging", "cognitive_forcing", "cost_benefit", "complementary_performance", "appropriate_reliance", "mushrooms",
    "limited_feedback", "delegation",
}  # fmt: skip
OURS = {
    "human_lens", "xai_bias_trust", "method_shootout", "who_decides", "explanations_and_evaluation", "known_groups",
    "reference", "sorting_game", "diagnosis",
}  # fmt: skip


@pytest.fixture(scope="module")
def opened():
    kept = {}

    def get(name):
        if name not in kept:
            kept[name] = open_study(ROOT / name)
        return kept[name]

    return get


def test_the_published_protocols_and_ours_ship():
    assert set(NAMES) == DEMOS | PUBLISHED | OURS


@pytest.mark.parametrize("name", sorted(set(NAMES) - DEMOS))
def test_its_readme_says_question_source_size_and_result(name):
    lines = (ROOT / name / "README.md").read_text("utf-8").splitlines()
    text = "\n".join(lines)
    assert lines[0].startswith("# ")
    assert lines[1].endswith("?")
    for part in (
        "**Source**",
        "**n**",
        "**Headline result**",
        "## Read",
        "## Warnings you will see",
        "## For a study of your own",
    ):
        assert part in text
    assert ("Structural replica: the stimuli differ." in text) == (name in PUBLISHED)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_compiles_and_weighs_little(name, opened):
    study = opened(name)
    for cell in study.cells:
        script = study.plan(cell, "seed")
        assert any(step.card or step.gallery for step in script.steps)
    assert [problem for problem in study.problems if not problem.warning] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_random_player_reaches_the_end_and_the_log_is_sound(name, opened):
    study = opened(name)
    n = min(len(study.cells), 3)
    blobs = _blobs(study)
    for rows in simulate(study.study, study.pack.manifest, study.texts, study.names, n, "templates"):
        last = session_events(rows)[-1]
        assert isinstance(last, Closed)
        assert last.outcome in {"completed", "failed_comprehension", "failed_attention"}
        assert verify(rows, blobs.__getitem__).sound


def test_an_evidence_twin_is_one_picture_under_the_advice_of_the_other(opened):
    study = opened("human_lens")
    by_id = {specimen.id: specimen for specimen in study.pack.manifest.specimens}
    seen = 0
    for rows in simulate(study.study, study.pack.manifest, study.texts, study.names, 9, "twins"):
        for one in rounds_of(session_events(rows), study.pack.manifest):
            if one.probe != "evidence" or not one.ai:
                continue
            seen += 1
            assert by_id[one.specimen].twin_cue == one.twin_cue
            assert one.twin_of == by_id[one.specimen].twin_of
            assert one.probabilities == by_id[one.twin_of].advice[one.model].probabilities
            assert one.posterior == by_id[one.specimen].posterior
    assert seen > 3


def _blobs(study):
    texts = {study.names.texts[lang]: encode(texts) for lang, texts in study.texts.items()}
    return {study.names.study: encode(study.study), study.names.manifest: study.pack.data, **texts}


@pytest.mark.parametrize("name", sorted(PUBLISHED | OURS))
def test_its_file_says_what_it_is_and_has_no_code(name):
    text = (ROOT / name / "study.toml").read_text("utf-8")
    assert text.startswith("# ")
    assert re.search(r"^format = 2$", text, re.MULTILINE)
    assert {path.name for path in (ROOT / name / "texts").glob("*.toml")} == {"en.toml", "fr.toml"}

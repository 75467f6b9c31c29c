"""Simulated people: known extremes, what they may see, how they are drawn, and that conditions alone change nothing."""

import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from game.canonical import blob_name, encode
from game.catalogue import Texts
from game.compile import Names
from game.eyes import Eyes, eyes_of
from game.log import session_events
from game.measures.modes import mode_shares
from game.mixture import BadMixture, mixture, seat, traits_of
from game.pack import Manifest, decode
from game.person import Person
from game.registry import Unknown, folder, measure, player
from game.rounds import rounds_of
from game.simulate import People, simulate
from game.study import Study, parse
from game.traits import BadTrait, Setting, Trait, drawn
from game.truth import BadTruth, TruthHeader
from game.truth import decode as read_truth
from game.truth import encode as write_truth
from game.view import view
from tests.tiny import SALT, Tiny, study

PACK: Manifest = decode((folder("game.studies") / "moths" / "pack" / "manifest.json").read_bytes())
ARMS = ("label", "placebo", "map")
BODY = """format = 2
name = "arms"
pack = "pack"
languages = ["en"]
{conditions}
[[condition]]
name = "alone"
workflow = "solo"
[[set]]
name = "before"
n = 8
[[set]]
name = "a"
n = {n}
model = "small_cnn"
ai_wrong = {wrong}
[[phase]]
name = "before"
blocks = ["alone"]
sets = ["before"]
[[phase]]
name = "main"
blocks = [{blocks}]
sets = ["a"]
between = true
"""
ARM = '[[condition]]\nname = "{name}"\nworkflow = "{workflow}"\nadvice = "label"\nmodel = "small_cnn"\n{more}\n'
METHODS = {"label": "", "placebo": 'explanation = "smoothed_random"', "map": 'explanation = "gradcam"'}


def people(
    who: str, workflow: str = "concurrent", n: int = 20, wrong: int = 8, arms=("label",), seed: str = "1"
) -> People:
    conditions = "".join(ARM.format(name=name, workflow=workflow, more=METHODS[name]) for name in arms)
    blocks = ", ".join(f'"{name}"' for name in arms)
    made: Study = parse(BODY.format(conditions=conditions, n=n, wrong=wrong, blocks=blocks))
    names = Names(SALT, "", "", {"en": ""})
    return People(made, PACK, {"en": TEXTS}, names, seed, who)


TEXTS: Texts = Tiny(study("concurrent")).texts["en"] | {
    key: "x" for name in (*ARMS, "alone") for key in (f"block.{name}.title", f"block.{name}.text")
}
TEXTS |= {f"class.{kind.key}": kind.title["en"] for kind in PACK.classes}


def rounds(made: People, n: int, cell: str = ""):
    return [each for at in range(n) for each in rounds_of(made.play(at, cell).events, PACK)]


def value(name: str, given, condition: str = "label") -> float:
    return measure[name].thing([each for each in given if each.condition == condition]).value


def test_who_trusts_without_bounds_follows_always_and_who_distrusts_never():
    follows = rounds(people("verifier(trust=20,acuity=0,lure=0)"), 4)
    assert value("over_reliance", follows) == value("agreement", follows) == 1
    never = rounds(people("verifier(trust=-10)"), 4)
    assert value("over_reliance", never) < 0.02
    assert value("under_reliance", never) > 0.98


@pytest.mark.slow
def test_perfect_sight_is_right_wherever_the_cues_are_and_none_is_chance():
    sharp = rounds(people("verifier(acuity=20,blur=0,lure=0,trust=0)"), 6)
    blind = rounds(people("verifier(acuity=0,lure=0,trust=0)"), 40)
    assert value("accuracy_team", sharp) > 0.8  # cues have less than full validity
    assert value("accuracy_team", blind) == pytest.approx(0.25, abs=0.05)


def test_the_delegator_at_the_bounds_of_its_bar():
    always = rounds(people("delegator(bar=1)", "delegation"), 3)
    never = rounds(people("delegator(bar=0)", "delegation"), 3)
    assert value("delegation_rate", always) == 1
    assert value("delegation_rate", never) == 0


def test_drifting_at_once_is_a_hand_over_and_never_is_mediation():
    over = people("drifting(to_delegation=1,to_substitution=1)", "handover")
    given_away = rounds(over, 3)
    assert value("handover_share", given_away) > 0.8
    stays = rounds(people("drifting(to_delegation=0,to_substitution=0)", "handover"), 3)
    assert value("handover_share", stays) == 0
    assert mode_shares(stays)["mediated"].value > 0.95
    modes = [each.mode for each in over.play(0).truth.rounds]
    assert modes[-1] == "substitution"
    order = ["solo", "mediation", "delegation", "substitution"]
    assert [order.index(mode) for mode in modes] == sorted(order.index(mode) for mode in modes)


@pytest.mark.slow
def test_the_verifier_uses_a_map_and_not_a_placebo():
    arms = ("placebo", "map")
    for skill, costs in ((1, True), (0, False)):
        made = people(f"verifier(skill={skill},trust=2)", arms=arms, wrong=10)
        both = [each for cell in made.cells for each in rounds(made, 16, cell)]  # the same people in both
        placebo, real = (value("over_reliance", both, arm) for arm in arms)
        assert real < placebo - 0.15 if costs else real == placebo


@pytest.mark.slow
def test_the_anchored_keep_their_first_answer_and_the_confirmer_what_confirms():
    def switch(who):
        return value("switch", rounds(people(who, "judge_advisor"), 12))

    free, held = switch("anchored(anchor=0,trust=2)"), switch("anchored(anchor=20,trust=2)")
    assert held < 0.02
    assert free > 0.2
    assert switch("confirmer(discount=1,trust=2)") < switch("confirmer(discount=0,trust=2)") - 0.1


def test_errors_that_are_seen_cost_the_distrustful_their_trust():
    kept = rounds(people("distrustful(drop=0,trust=3)"), 10)
    lost = rounds(people("distrustful(drop=20,regain=0,trust=3)"), 10)
    late = [each for each in lost if each.condition == "label" and each.round > 20]
    assert value("agreement", late) < value("agreement", kept) - 0.2


def test_the_fatigued_end_by_looking_no_more_and_the_careless_slip_as_stated():
    tired = rounds(people("fatigued(half_life=3)"), 6)
    first = [e for e in tired if e.condition == "alone" and e.round <= 4]
    last = [e for e in tired if e.condition == "label"]
    assert statistics.median(e.final_ms for e in last) < statistics.median(e.final_ms for e in first) / 3
    assert mode_shares(tired)["mediated"].value < 0.2
    slips = rounds(people("careless(slip=0.5)"), 20)
    hasty = [e.final_ms < 600 for e in slips if e.final_ms]
    assert statistics.fmean(hasty) == pytest.approx(0.5, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["verifier(skill=0)", "drifting", "careless", "confirmer"])
def test_who_behaves_alike_in_every_condition_has_the_same_mode_shares(who):
    made = people(who, arms=ARMS)
    shares = {}
    for cell in made.cells:
        mine = rounds(made, 12, cell)
        arm = {each.condition for each in mine} - {"alone"}
        shares[arm.pop()] = mode_shares(mine)
    for code in shares["label"]:
        found = [shares[arm][code].value for arm in ARMS]
        assert max(found) - min(found) <= 0.02, code


def test_eyes_see_only_what_is_on_the_screen_and_screens_hold_no_truth():
    made = people("verifier", arms=("map",))
    looked: list[str] = []

    class Watched(Eyes):
        def look(self, name, weights, mark, blur, rng):
            looked.append(name)
            return super().look(name, weights, mark, blur, rng)

    names = {blob_name(SALT, digest): digest for digest in PACK.blobs}
    made.eyes = Watched(PACK, names.get)
    played = made.play(0)
    assigned = next(event for event in played.events if hasattr(event, "plan"))
    shown = [step.card.image for step in assigned.plan.steps if step.card]
    assert looked == shown
    assert made.eyes.look("no such name", (1.0,), 0.0, 0.0, Random(1)) == {}
    from game.fold import apply
    from game.state import EMPTY, current_step

    state = EMPTY
    truths = {s.id for s in PACK.specimens}
    for event in played.events:
        state = apply(state, event)
        if current_step(state) is not None and not state.closed:
            screen = encode(view(state, "participant", TEXTS)).decode()
            assert not any(f'"{name}"' in screen for name in truths)


def test_a_misleading_mark_pulls_as_stated():
    eyes = eyes_of(parse(BODY.format(conditions="", n=4, wrong=1, blocks="")), PACK, SALT)
    tagged = next(s for s in PACK.specimens if s.cues["tag"] >= 0)
    name = blob_name(SALT, tagged.image)
    plain = eyes.look(name, (1.0,), 0.0, 0.0, Random(1))
    pulled = eyes.look(name, (1.0,), 3.0, 0.0, Random(1))
    moved = {key: pulled[key] - plain[key] for key in plain}
    assert moved == pytest.approx({key: 3.0 * (key == PACK.classes[tagged.cues["tag"]].key) for key in plain})


@pytest.mark.parametrize("rate", [None, 0.4, 0.95])
def test_a_pack_without_cues_is_seen_as_people_see_it(rate):
    tiny = Tiny(study("solo", rounds=20))
    specimens = tuple(replace(s, posterior=(), solo_rate=rate) for s in tiny.manifest.specimens)
    pack = replace(tiny.manifest, specimens=specimens)
    made = People(tiny.study, pack, tiny.texts, tiny.names, "1", "verifier(acuity=1,blur=0)")
    right = [e.correct for at in range(20) for e in rounds_of(made.play(at).events, pack) if e.scored]
    assert statistics.fmean(right) == pytest.approx(rate or 0.7, abs=0.07)


TRAITS = st.builds(Trait, st.just("t"), st.floats(-2, 2), st.floats(0.01, 2), st.just(""), st.just(-3.0), st.just(3.0))


@given(TRAITS, st.integers())
def test_traits_stay_within_their_bounds(trait, seed):
    assert -3 <= drawn((trait,), {}, Random(seed), "x")["t"] <= 3
    assert drawn((trait,), {"t": Setting(1.5)}, Random(seed), "x") == {"t": 1.5}


def test_mixtures_are_drawn_by_weight_and_traits_as_wanted():
    shares = mixture("follower:0.3, verifier(skill=0.9~0.05, trust=1):0.7")
    eyes = eyes_of(parse(BODY.format(conditions="", n=4, wrong=1, blocks="")), PACK, SALT)
    made = [seat(shares, Random(i), eyes) for i in range(400)]
    assert statistics.fmean(one.name == "verifier" for one in made) == pytest.approx(0.7, abs=0.06)
    skill = [one.traits["skill"] for one in made if one.name == "verifier"]
    assert statistics.fmean(skill) == pytest.approx(0.9, abs=0.02)
    assert 0.02 < statistics.stdev(skill) < 0.08
    assert {one.traits["trust"] for one in made if one.name == "verifier"} == {1.0}


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("verifier(skil=1)", BadTrait, "it has acuity, blur"),
        ("verifier(skill=2)", BadTrait, "from 0 to 1"),
        ("verifier(skill)", BadMixture, "NAME=VALUE"),
        ("follower:0", BadMixture, "weights are all 0"),
        ("", BadMixture, "follower:0.3"),
        ("verifer", Unknown, "did you mean 'verifier'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write(text, error, says):
    with pytest.raises(error) as refused:
        mixture(text)
    assert says in str(refused.value)


def test_a_player_that_looks_needs_eyes():
    with pytest.raises(BadTrait, match="given eyes"):
        seat(mixture("verifier"), Random(1), None)


def test_every_player_that_looks_declares_its_traits():
    for entry in player:
        if isinstance(entry.thing, type):
            assert issubclass(entry.thing, Person)
            assert traits_of(entry.name)
            assert all(trait.about for trait in traits_of(entry.name))


def test_the_truth_file_keeps_who_they_were_and_the_log_does_not():
    made = people("drifting")
    rows, truth = made.sealed(0)
    header = TruthHeader(seed="1", players="drifting")
    lines = list(write_truth(header, [truth]))
    assert read_truth(lines) == (header, [truth])
    assert "to_delegation" not in "".join(row.data or "" for row in rows)
    by_time = truth.modes()
    mine = rounds_of(session_events(rows), PACK)
    assert {each.started_at for each in mine} == set(by_time)
    with pytest.raises(BadTruth, match="line 2"):
        read_truth([lines[0], b"{}"])


def test_equal_seeds_give_equal_people_and_others_others():
    made = people("verifier")

    def told(seed: str):
        return list(simulate(made.study, PACK, {"en": TEXTS}, made.names, 2, seed, "verifier"))

    assert told("1") == told("1")
    assert told("1") != told("2")
    assert made.play(1).truth == made.play(1).truth
    assert made.play(1, again=1).truth.traits == made.play(1).truth.traits
    assert made.play(1, again=1).events != made.play(1).events

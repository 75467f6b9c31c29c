"""A study that uses the lab's results: sampled by disagreement, a matched pair of methods, no map that fails sanity."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from game.check import check
from game.fromlab import filled
from game.lab import FORMAT, VERSION, Item, Items, Sanity
from game.pairing import MethodPair, Pairings, alike, pick
from game.sets import TooFew, draw_sets
from game.strict import line_index
from game.study import Study, parse
from tests.game.rich import AI, HEAD, PACK, WELCOME, ready

DIGEST = "d" * 64
IDS = [s.id for s in PACK.specimens if s.split == "study"]
ARM = f'[[condition]]\nname = "arm"\n{AI}'
MAIN = '[[phase]]\nname = "main"\nblocks = ["arm"]\nsets = ["a"]\n'
LAB = '[lab]\nresults = "lab"\nplacebo = ["random"]\n'


def found_items() -> Items:
    """Every fourth specimen has one part highlighted by both; disagreement grows with the number; the last was not compared."""
    items = tuple(
        Item(
            task="rich", model="net", specimen=name, disagreement=i / 400,
            highlighted={"gradcam": "wing", "edges": "wing" if i % 4 == 0 else "tag"},
        )
        for i, name in enumerate(IDS[:-1])
    )  # fmt: skip
    broken = Item(task="rich", model="net", specimen=IDS[-1], undefined_because="the map is the same everywhere")
    sanity = (
        Sanity(task="rich", model="net", method="gradcam", sane=True),
        Sanity(task="rich", model="net", method="random", sane=False, because="mprt 0.97 above 0.5"),
    )
    return Items(
        format=FORMAT, version=VERSION, packs={"rich": DIGEST, "else": "e" * 64}, items=(*items, broken), sanity=sanity
    )


def pair(first: str, second: str, differ: float | None, sane: bool = True, **apart: float) -> MethodPair:
    return MethodPair(
        task="rich", model="net", first=first, second=second, items=9, differ=differ, apart=apart, sane=sane
    )


PAIRS = Pairings(
    pairs=(
        pair("edges", "gradcam", 0.75, deletion=0.2, sparseness=0.4),
        pair("gradcam", "saliency", 0.9, deletion=1.4, sparseness=0.1),
        pair("gradcam", "vargrad", 0.95, sane=False, deletion=0.0, sparseness=0.0),
        pair("edges", "saliency", None),
    )
)


def made(text: str, results: Items | None = None, top: str = "") -> tuple[Study, list[str]]:
    study, problems = filled(parse(HEAD + top + WELCOME + text), results or found_items(), PAIRS, DIGEST)
    return study, [f"{p.path}: {p.what} ({p.hint})" for p in problems]


def drawn(text: str) -> dict[str, list[str]]:
    study, problems = made(text)
    assert problems == []
    return {name: [s.id for s in found] for name, found in draw_sets(study, PACK).items()}


def test_sets_are_sampled_by_high_and_low_disagreement():
    sets = '[[set]]\nname = "a"\nn = 40\ndisagree = "high"\n[[set]]\nname = "b"\nn = 40\ndisagree = "low"\n'
    found = drawn(ARM + LAB + sets + MAIN)
    half = len(IDS[:-1]) // 2
    assert set(found["a"]) <= set(IDS[half:-1])
    assert set(found["b"]) <= set(IDS[:half])
    truths = {s.id: s.truth for s in PACK.specimens}
    counts = [sum(truths[name] == t for name in found["a"]) for t in set(truths.values())]
    assert max(counts) - min(counts) <= 1, "classes stay balanced within the half"


def test_the_cards_of_a_plan_show_the_packs_own_specimens():
    study, _ = made(ARM + LAB + '[[set]]\nname = "a"\nn = 10\ndisagree = "high"\n' + MAIN)
    assert all(s in PACK.specimens for s in draw_sets(study, PACK)["a"])


def test_specimens_that_could_not_be_compared_are_not_drawn_unless_the_study_says_so():
    every = f'[[set]]\nname = "a"\nn = {len(IDS) - 1}\n'
    assert IDS[-1] not in drawn(ARM + LAB + every + MAIN)["a"]
    study, _ = made(ARM + LAB + every.replace(str(len(IDS) - 1), str(len(IDS))) + MAIN)
    assert study.lab is not None
    assert study.lab.left_out == {IDS[-1]: "the map is the same everywhere"}
    with pytest.raises(TooFew, match="needs 160 specimens, the pack has 159 left"):
        draw_sets(study, PACK)
    loose = ARM + LAB + "sane = false\n" + every.replace(str(len(IDS) - 1), str(len(IDS))) + MAIN
    assert IDS[-1] in drawn(loose)["a"]


def test_a_set_takes_only_specimens_on_which_the_pair_highlights_different_parts():
    text = ARM + LAB + 'pair = ["gradcam", "edges"]\n' + '[[set]]\nname = "a"\nn = 30\nhighlight = "HOW"\n' + MAIN
    assert set(drawn(text.replace("HOW", "same"))["a"]) <= set(IDS[::4])
    assert not set(drawn(text.replace("HOW", "differ"))["a"]) & set(IDS[::4])


def test_a_matched_pair_is_picked_and_named_in_conditions_and_levels():
    two = ARM.replace('"gradcam"', '"lab:first"') + ARM.replace('"arm"', '"other"').replace('"gradcam"', '"lab:second"')
    study, problems = made(two + LAB + 'match = ["deletion", "sparseness"]\n' + MAIN)
    assert problems == []
    assert [c.explanation for c in study.condition] == ["edges", "gradcam"]
    assert study.lab is not None
    assert study.lab.pair == ("edges", "gradcam")
    factor = '[[factor]]\nname = "explanation"\nlevels = ["lab:first", "lab:second"]\n'
    study, problems = made(ARM + LAB + factor + MAIN, top='base = "arm"\n')
    assert problems == []
    assert study.factor[0].levels == ("gradcam", "saliency"), "without `match`, the sane pair that differs most often"
    assert study.factor[0].labels == ("lab:first", "lab:second"), "conditions keep their names, whatever is picked"


def test_no_pair_is_picked_where_none_is_asked_for():
    study, _ = made(ARM + LAB + '[[set]]\nname = "a"\nn = 10\n' + MAIN)
    assert study.lab is not None
    assert study.lab.pair == ()


WRONG: dict[str, tuple[str, str]] = {
    "two names": ('pair = ["gradcam"]\n', "lab.pair: a pair is two methods, not 1"),
    "unknown method": ('pair = ["gradcam", "edgess"]\n', "did you mean 'edges'?"),
    "unknown metric": ('match = ["deletoin"]\n', "did you mean 'deletion'?"),
    "not alike": (
        'pair = ["gradcam", "saliency"]\nmatch = ["deletion"]\n',
        "not within 0.5 standard deviations: deletion 1.40",
    ),
    "the hint": ('pair = ["gradcam", "saliency"]\nmatch = ["deletion"]\n', "such a pair is edges, gradcam"),
    "unknown task": ('task = "rihc"\n', "did you mean 'rich'?"),
    "another pack": ('task = "else"\n', "about another pack"),
    "unknown model": ('model = "nett"\n', "did you mean 'net'?"),
    "filled in by hand": ('differ = ["s001"]\n', "lab.differ: `differ` is filled in from the results"),
    "no distance": ("within = 0.0\n", "lab.within: 0.0 standard deviations are no distance"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_the_table_is_told(name: str):
    more, told = WRONG[name]
    _, problems = made(ARM + LAB + more + MAIN)
    assert any(told in line for line in problems), problems


def test_a_method_that_fails_sanity_is_refused_unless_it_is_a_placebo():
    placebo = ARM.replace('"gradcam"', '"random"')
    assert made(placebo + LAB + MAIN)[1] == []
    _, (line,) = made(placebo + LAB.replace('placebo = ["random"]\n', "") + MAIN)
    assert line.startswith("condition[0].explanation: 'random' fails sanity for 'net': mprt 0.97 above 0.5")


def test_a_pair_whose_parts_are_unknown_cannot_choose_items():
    results = found_items()
    blind = replace(results, items=tuple(replace(i, highlighted={}) for i in results.items))
    text = ARM + LAB + 'pair = ["gradcam", "edges"]\n[[set]]\nname = "a"\nn = 3\nhighlight = "same"\n' + MAIN
    assert "which part the maps of the pair highlight" in made(text, blind)[1][0]


def test_the_check_says_what_a_set_needs_the_lab_for():
    text = HEAD + WELCOME + ARM + '[[set]]\nname = "a"\nn = 3\nhighlight = "same"\n' + MAIN
    tiny = ready(parse(text), PACK, {})
    assert any(p.path == "set[0].highlight" for p in check(tiny.study, PACK, tiny.texts, line_index(text)))
    bare = replace(PACK, specimens=tuple(replace(s, disagreement=None) for s in PACK.specimens))
    text = text.replace('highlight = "same"', 'disagree = "high"')
    tiny = ready(parse(text), bare, {})
    assert any("not known how far the methods disagree" in p.what for p in check(tiny.study, bare, tiny.texts, {}))


def test_a_pair_is_alike_only_where_every_metric_is_known():
    assert not alike(pair("a", "b", 0.5, x=0.1), ["x", "y"], 0.5)
    assert pick([pair("a", "b", None)], [], 0.5, sane=True) is None
    assert pick([pair("a", "b", 0.5, sane=False)], [], 0.5, sane=False) == pair("a", "b", 0.5, sane=False)

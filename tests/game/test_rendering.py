"""How explanations look: a display or palette changes exactly what it says, and unlike arms are warned of."""

from __future__ import annotations

import itertools
from random import Random
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from game.blocks import Display, Palette, Panes
from game.check import check
from game.compile import cells, plan
from game.pack import Explained, Manifest, Outline, is_signed
from game.registry import player
from game.screen import View
from game.study import Condition, Study
from game.trouble import troubles
from tests.game.session import Session
from tests.tiny import Tiny, manifest, study

DISPLAYS = get_args(Display)
PALETTES = get_args(Palette)
LOOKS = [
    (display, palette, tools) for display, palette in itertools.product(DISPLAYS, PALETTES) for tools in (False, True)
]
WORKFLOWS = ("concurrent", "judge_advisor", "on_request", "delegation")
LINE = Outline((0.25, 0.5, 0.75, 0.5, 0.5, 0.75))


def pack(signed: bool = False, kind: str = "map") -> Manifest:
    """Return the tiny pack with an outline on every explanation, signed or not."""

    def drawn(e: Explained) -> Explained:
        return replace(e, outlines=(LINE,), signed=signed, kind=kind)

    made = manifest(12, 0)
    specimens = tuple(
        replace(s, explanations={m: {k: drawn(e) for k, e in by.items()} for m, by in s.explanations.items()})
        for s in made.specimens
    )
    return replace(made, specimens=specimens)


def screens(workflow: str, display: str, palette: str, tools: bool) -> list[View]:
    """Return every screen of the same session under a look."""
    made = study(workflow, rounds=6)
    arm = replace(made.condition[0], display=display, palette=palette, tools=tools)
    session = Session(Tiny(replace(made, condition=(arm,)), pack(palette == "coolwarm")))
    seen: list[View] = []
    rng = Random(3)
    while not session.state.closed:
        seen.append(session.screen)
        session.answer(**player["random"].thing(session.screen, rng))
    return seen


def panes_of(screen: View) -> Panes | None:
    """Return the panes of a screen that shows a map, or None."""
    return next((block for block in screen.blocks if isinstance(block, Panes) and block.second == "map"), None)


def without_looks(screen: View) -> View:
    """Return the screen with everything that a look may change taken away."""
    plain = {"display": "beside", "palette": "inferno", "tools": False, "outlines": (), "boxes": ()}
    told = {"legend": None, "reading": "", "overlay_alt": ""}
    blocks = tuple(replace(b, **plain, **told) if isinstance(b, Panes) else b for b in screen.blocks)
    return replace(screen, blocks=blocks)


@pytest.mark.slow
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_look_changes_what_it_says_and_nothing_else(workflow: str):
    plain = screens(workflow, "beside", "inferno", False)
    assert any(panes_of(screen) for screen in plain)
    for display, palette, tools in LOOKS:
        made = screens(workflow, display, palette, tools)
        assert [without_looks(screen) for screen in made] == [without_looks(screen) for screen in plain]
        for old, new in zip(map(panes_of, plain), map(panes_of, made), strict=True):
            if old is None or new is None:
                assert old == new
                continue
            granted = tools and workflow != "delegation"
            assert (new.display, new.palette, new.tools) == (display, palette, granted)
            assert bool(new.outlines) == (granted or display == "outline")
            assert bool(new.boxes) == (granted or display == "boxes")
            assert ((new.legend, new.reading, new.overlay_alt) == (old.legend, old.reading, old.overlay_alt)) == (
                palette != "coolwarm"
            )


def test_a_box_goes_around_its_line_and_is_all_that_the_card_carries():
    (shown, *_) = [p for p in map(panes_of, screens("concurrent", "boxes", "inferno", False)) if p]
    assert shown.boxes == ((0.25, 0.5, 0.5, 0.25),)
    made = study("concurrent")
    sizes = {}
    for display in DISPLAYS:
        tiny = Tiny(replace(made, condition=(replace(made.condition[0], display=display),)), pack())
        script = plan(tiny.study, tiny.manifest, tiny.names, cells(tiny.study)[0], "s")
        sizes[display] = [len(line) for step in script.steps if step.card for line in step.card.outlines]
    assert sizes == {"beside": [], "overlay": [], "mask": [], "outline": [6] * 3, "boxes": [8] * 3}


def test_a_signed_map_is_told_in_its_own_words():
    (shown, *_) = [p for p in map(panes_of, screens("concurrent", "beside", "coolwarm", False)) if p]
    assert shown.legend == ("speaks against", "speaks for it")
    assert "against" in shown.reading
    assert "for or against" in shown.overlay_alt


def told(made: Study, given: Manifest) -> list[str]:
    """Return what the check says of a study, warnings too."""
    own = Tiny(made, given)
    return [str(problem) for problem in check(made, given, own.texts, {})]


def arms(*changes: dict[str, object]) -> Study:
    """Return a study that compares one arm per set of changes."""
    made = study("concurrent")
    conditions = tuple(
        replace(made.condition[0], name="arm" if not i else f"arm{i}", **c) for i, c in enumerate(changes)
    )
    phase = replace(made.phase[1], blocks=tuple(c.name for c in conditions), intro=False)
    return replace(made, condition=conditions, phase=(made.phase[0], phase, made.phase[2]))


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("signed", [False, True])
def test_colours_fit_the_sign_of_the_maps(palette: str, signed: bool):
    found = [line for line in told(arms({"palette": palette}), pack(signed)) if "misread" in line]
    assert bool(found) == (signed != (palette == "coolwarm"))
    assert all(('palette = "coolwarm"' if signed else '"cividis"') in line for line in found)


@pytest.mark.parametrize(("key", "value"), [("display", "overlay"), ("palette", "cividis"), ("tools", True)])
def test_arms_that_look_unlike_are_warned_of(key: str, value: object):
    assert not any("confounded" in line for line in told(arms({key: value}, {key: value}), pack()))
    found = [line for line in told(arms({}, {key: value, "explanation": "random"}), pack()) if "confounded" in line]
    assert len(found) == 1
    assert key in found[0]


def test_methods_rendered_unlike_are_warned_of():
    given = replace(pack(), methods={"gradcam": {"rendering": "p60_p99"}, "random": {"rendering": "p99"}})
    assert any("not the method alone" in line for line in told(arms({}, {"explanation": "random"}), given))
    assert not any("not the method alone" in line for line in told(arms({}, {"explanation": "gradcam"}), given))


@pytest.mark.parametrize("display", DISPLAYS)
def test_drawing_over_the_image_is_warned_of_where_arms_are_compared(display: str):
    assert not any("image itself" in line for line in told(arms({"display": display}), pack()))
    found = any("image itself" in line for line in told(arms({"display": display}, {"display": display}), pack()))
    assert found == (display != "beside")


@pytest.mark.parametrize("display", DISPLAYS)
def test_a_finished_picture_can_only_stand_beside_or_lie_over(display: str):
    found = any("finished pictures" in line for line in told(arms({"display": display}), pack(kind="picture")))
    assert found == (display in ("outline", "mask", "boxes"))


def test_a_look_without_an_explanation_is_a_mistake():
    assert any("nothing is explained" in line for line in told(arms({"explanation": "", "display": "mask"}), pack()))


def test_defaults_are_not_written():
    bare = msgspec.to_builtins(Condition("a", "solo"))
    assert bare == {"name": "a", "workflow": "solo"}


def test_a_pack_says_one_thing_about_the_sign_of_a_method():
    given = pack(signed=True)
    assert is_signed(given, "net", "gradcam")
    assert not troubles(given)
    mixed = replace(given, specimens=(*given.specimens[:-1], pack().specimens[-1]))
    assert {trouble.fix for trouble in troubles(mixed)} == {"render all of them alike"}

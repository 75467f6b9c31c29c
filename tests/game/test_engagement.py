"""Who counts as engaged: time runs from the AI's answer over all screens, so that looking at more changes nothing."""

from random import Random

import pytest
from msgspec.structs import replace

from game.compile import plan
from game.events import Assigned, Client, Gesture, Opened
from game.measures.modes import code_of, engaged, mode_shares
from game.mixture import Seated
from game.person import Reply
from game.players import acts_of, option_called, press, said
from game.rounds import rounds_of
from game.rules import Answer, Join, Leave
from game.simulate import START, Run
from tests.game.session import Session
from tests.game.test_players import PACK, people
from tests.tiny import Tiny, study

FLOOR = 600


def on_screen(session, ms, gestures=(), **values):
    """Answer `ms` after the screen was painted."""
    shown = replace(session.painted, ago_ms=ms)
    made = session.send(
        Answer(seen=session.state.turn, shown=shown, values=values, ms=ms, gestures=gestures), after_s=0.08 + ms / 1000
    )
    assert isinstance(made, tuple), made


def last(session):
    return rounds_of(session.events, session.tiny.manifest)[-1]


def advised_session():
    session = Session(Tiny(study("on_request")))
    session.start()
    on_screen(session, 3000, request="ai")
    return session


@pytest.mark.parametrize(("asks", "more"), [(False, 0), (True, 80)])
def test_asking_for_the_explanation_at_the_last_moment_is_no_haste(asks, more):
    session = advised_session()
    if asks:
        on_screen(session, 8000, request="explanation")
    on_screen(session, 400 if asks else 8400, final="ardena", final_confidence=3)
    one = last(session)
    assert one.explanation_shown is asks
    assert one.since_ai_ms == 8400 + more  # the next screen takes its time to come
    assert one.final_ms == (400 if asks else 8400)
    assert code_of(one, FLOOR) == "mediated"


def test_long_thought_before_the_ai_was_asked_does_not_count():
    session = advised_session()
    on_screen(session, 400, final="ardena", final_confidence=3)
    assert last(session).since_ai_ms == 400
    assert not engaged(last(session), FLOOR)


def test_where_the_ai_is_there_from_the_start_nothing_changes():
    session = Session(Tiny(study("concurrent")))
    session.start()
    on_screen(session, 700, final="ardena", final_confidence=3)
    assert last(session).since_ai_ms == last(session).final_ms == 700
    session = Session(Tiny(study("solo")))
    session.start()
    on_screen(session, 700, final="ardena", final_confidence=3)
    assert (last(session).since_ai_ms, last(session).final_ms) == (None, 700)


def test_time_away_is_no_time_with_the_ai():
    session = advised_session()
    gone = (Gesture("away", None, 100), Gesture("back", None, 5100))
    on_screen(session, 5300, gone, request="explanation")
    on_screen(session, 200, final="ardena", final_confidence=3)
    assert last(session).since_ai_ms == 300 + 80 + 200
    assert not engaged(last(session), FLOOR)


def test_a_reload_does_not_hide_how_long_the_answer_was_up():
    session = Session(Tiny(study("concurrent")))
    session.start()
    session.send(Join(client=Client()))
    on_screen(session, 700, final="ardena", final_confidence=3)
    from game.rules import Trace

    session.send(Trace(seen=session.state.turn, shown=replace(session.painted, ago_ms=0)))
    session.send(Leave(why="lost"), after_s=4)
    session.send(Join(client=Client()), after_s=60)
    on_screen(session, 300, final="ardena", final_confidence=3)
    assert last(session).since_ai_ms == pytest.approx(4000 + 380, abs=100)


class Timed:
    """Decides after a time that was drawn before, whatever is shown; on the way it may ask for what is offered."""

    mode = None

    def __init__(self, person, curious):
        self.person, self.curious, self.rounds, self.step, self.left = person, curious, 0, "", 0
        self.pace = Random(person).uniform(2500, 4000)

    def play(self, screen, rng):
        """Ask the AI at once where it has to be asked, then look for `left` ms over one screen or two."""
        acts = acts_of(screen)
        done = next((act for act in acts if act.confirms), acts[0] if acts else None)
        step = screen.place.partition("/")[0]
        if screen.layout != "round":
            return Reply(press(screen, done, rng, lambda ask: rng.choice([o.value for o in ask.options])), 500)
        if step != self.step:
            self.step, self.rounds = step, self.rounds + 1
            mine = Random(f"{self.person}/{self.rounds}")
            quick = mine.random() < 0.45 and self.rounds > 8
            self.left = mine.uniform(250, 500) if quick else self.pace * mine.uniform(0.8, 1.4)
            self.choice, self.asked = mine.random(), False
        named = {(act.name, act.value): act for act in acts}
        if ("request", "ai") in named:
            return Reply({"request": "ai"}, 2000)
        more = next((act for act in acts if act.name in ("part", "request")), None)
        if more is not None and self.curious and not self.asked:
            self.asked = True
            now, self.left = 0.9 * self.left, 0.1 * self.left
            return Reply({more.name: more.value}, int(now))
        ai = next(iter(said(screen)), "")
        values = press(screen, done, rng, lambda ask: self._chosen(ask, ai))
        return Reply(values, max(1, int(self.left)))

    def _chosen(self, ask, ai):
        theirs = option_called(ask.options, ai) if ai else ""
        if theirs and self.choice < 0.6:
            return theirs
        return ask.options[int(self.choice * len(ask.options))].value


def played(workflow, curious, cell=0, n=8):
    """Rounds of `n` people whose times do not depend on what they ask for."""
    made = people("verifier", workflow, arms=("map",), n=20)
    rounds = []
    for number in range(n):
        opened = Opened(
            at=START, by="system", intake=made.intake, core=1, renderer="", lang="en", session=f"p{number}", study="arms",
            prefix="simulated",
        )  # fmt: skip
        script = plan(made.study, PACK, made.names, made.cells[cell], str(number))
        run = Run(opened, made.texts, Seated(Timed(number, curious).play, "", {}), Random(number))
        groups = run.through(Assigned(at=START, by="system", cell=made.cells[cell], seed="1", plan=script))
        rounds += rounds_of([event for _, events in groups for event in events], PACK)
    return rounds


@pytest.mark.slow
@pytest.mark.parametrize("workflow", ["on_request", "dialogue"])
def test_looking_at_the_explanation_moves_no_share(workflow):
    """The same people with the same times: one group asks for the explanation each time, the other never."""
    groups = {curious: played(workflow, curious) for curious in (False, True)}
    seen = {key: sum(e.explanation_shown for e in rounds if e.ai_shown) for key, rounds in groups.items()}
    assert seen[False] == 0
    assert seen[True] >= 140
    shares = {key: mode_shares(rounds) for key, rounds in groups.items()}
    for code in shares[False]:
        assert abs(shares[False][code].value - shares[True][code].value) <= 0.02, code
    for code in ("mediated", "accepted"):
        assert 0.1 <= shares[True][code].value <= 0.8, (
            code
        )  # modes are mixed, so a rule that looks at exposure would show
    assert shares[True]["overrode"].value > 0.05

"""The dress rehearsal: sixty people come by a fake Prolific to the shipped nginx and gunicorn, and in the midst the server dies."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import closing
from typing import Any

import pytest
from websockets.exceptions import WebSocketException

from game.verify import verify
from server import backup
from server.blobs import Blobs
from server.house import open_house
from server.settings import Settings
from server.store_sqlite import SqliteStore
from server.studies import open_study
from tests.server import small
from tests.server.platforms import as_prolific, platform
from tests.server.process import Tab, _Stay
from tests.server.site import Site, site
from tests.server.test_publish import facts

pytestmark = [pytest.mark.slow, pytest.mark.services]

PEOPLE = {
    "completed": 30, "withdrawn": 6, "no_consent": 6, "failed_comprehension": 5, "failed_attention": 5,
    "incompatible_device": 3, "full": 3, "timed_out": 2,
}  # fmt: skip
CODES = {
    "completed": "DONE", "failed_comprehension": "QUIZ", "failed_attention": "ATTN", "withdrawn": "LEFT",
    "incompatible_device": "SMALL", "full": "FULL", "screened_out": "SCREEN", "technical_error": "TECH",
}  # fmt: skip
"""Outcome -> its code there. Who does not consent is asked to return the submission."""
CENTS = {"completed": 50, "withdrawn": 125, "failed_comprehension": 40, "incompatible_device": 15}
"""What is sent by us; the base of 3.00 is what Prolific pays on approval."""
STUDY = (
    small.STUDY.replace("format = 1", "format = 2\nwindow = [600, 400]\nattention_least = 1")
    .replace('pages = ["notice", "consent"]', 'pages = ["notice", "device", "consent", "side"]')
    .replace('pages = ["debrief"]', 'pages = ["attention-1", "attention_failed", "debrief"]')
    + """
[[question]]
name = "sees"
values = ["image", "note"]
right = "image"
[[page]]
name = "side"
[[page.field]]
name = "hand"
values = ["left", "right"]
[[quota]]
name = "left"
places = 1000
when = { "side.hand" = ["left"] }
[[phase]]
name = "how"
pages = ["howto"]
quiz = ["sees"]
[pay]
currency = "EUR"
base = 3
bonus_least = 0.5
bonus_most = 2.5
minutes = 12
floor_per_hour = 15
[pay.partial]
withdrawn = 1.25
failed_comprehension = 0.4
incompatible_device = 0.15
failed_attention = 0
no_consent = 0
full = 0
timed_out = 0
"""
)
TEXTS = """[side]
title = "You"
text = "One question"
hand = "Which hand?"
"hand.left" = "Left"
"hand.right" = "Right"
[quiz]
sees = "What does the AI see?"
"sees.image" = "The image"
"sees.note" = "The note"
"sees.why" = "It sees the image."
"""
ROUNDS = 3
"""After so many rounds those go who do not stay."""


def write(folder):
    """Write the study with its way back to Prolific."""
    small.write_study(folder)
    phases = STUDY.split("[[phase]]")
    how = next(part for part in phases if 'name = "how"' in part).split("[pay]")
    before, main = STUDY.replace("[[phase]]" + how[0], ""), f"[[phase]]{how[0]}"
    (folder / "study.toml").write_text(before.replace('[[phase]]\nname = "main"', f'{main}[[phase]]\nname = "main"', 1))
    for lang in ("en", "fr"):
        path = folder / "texts" / f"{lang}.toml"
        path.write_text(path.read_text("utf-8") + TEXTS + facts(lang), "utf-8")
    (folder / "privacy.toml").write_text('ids_days = 30\ndata_days = 365\nethics = "Board 7"\n', "utf-8")
    codes = ", ".join(f'{outcome} = "{code}"' for outcome, code in CODES.items())
    (folder / "recruit.toml").write_text(f'[[recruit]]\nplatform = "prolific"\nnumber = "ST1"\ncodes = {{ {codes} }}\n')
    return folder


class Person:
    """One participant, who means to end as `fate` says, and comes back whenever the line is lost."""

    def __init__(self, served: Site, number: int, fate: str) -> None:
        self.served, self.number, self.fate = served, number, fate
        self.link = f"{served.origin}/s/small?PROLIFIC_PID=P{number:03}&STUDY_ID=ST1&SESSION_ID=S{number:03}"
        self.rounds = self.lost = 0
        self.token = self.place = self.back = ""
        self.gone = False

    def live(self) -> None:
        """Arrive, play to the end, go back to where one came from."""
        while not self.gone:
            try:
                self.token = self.arrive()
                with Tab(self.served.origin, self.token) as tab:
                    tab.resume(width=400 if self.fate == "incompatible_device" else 1366)
                    while not tab.over and not (self.fate == "timed_out" and self.rounds >= ROUNDS):
                        self.act(tab)
                    self.place = tab.screen["view"]["place"]
                self.back = "" if self.fate == "timed_out" else self.leave()
                self.gone = True
            except (OSError, WebSocketException, TimeoutError):
                self.lost += 1
                time.sleep(0.2)

    def arrive(self) -> str:
        """Press Start; the same person is led to the same session."""
        return self.ask(self.link, b"lang=en").rsplit("/", 1)[1]

    def leave(self) -> str:
        """Return where the person is sent at the end, "" where they are asked to return the submission."""
        return self.ask(f"{self.served.origin}/leave/{self.token}")

    def ask(self, address: str, body: bytes | None = None) -> str:
        request = urllib.request.Request(address, body, headers={"Origin": self.served.origin})
        try:
            urllib.request.build_opener(_Stay).open(request, timeout=20).close()
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 303:
                    raise
                return error.headers["Location"]
        return ""

    def act(self, tab: Tab) -> None:
        """Answer one screen."""
        view = tab.screen["view"]
        command = tab.command()
        values: dict[str, Any] = command["values"]
        asked = {ask["name"]: ask for ask in view["asks"]}
        choices = {"quiz_sees": "image", "side.hand": "left", "attention_1": "rarely"}
        choices |= {
            "failed_comprehension": {"quiz_sees": "note"},
            "full": {"side.hand": "right"},
            "failed_attention": {"attention_1": "often"},
        }.get(self.fate, {})
        values |= {name: value for name, value in choices.items() if name in asked}
        ways = {("no_consent", "consent", "no"), ("incompatible_device", "device", "leave")}
        for act in (ask for ask in view["asks"] if ask["kind"] == "act"):
            if (self.fate, act["name"], act["value"]) in ways:
                command["values"] = {act["name"]: act["value"]}
        if self.fate == "withdrawn" and self.rounds == ROUNDS:
            command = {key: command[key] for key in ("id", "seen")} | {"do": "withdraw"}
        answer = tab.do(command)
        assert answer["ok"] or answer["code"] == "stale", (self.fate, view["place"], answer)
        self.rounds += answer["ok"] and view["layout"] == "round"
        if answer["ok"] and "screen" not in answer:
            tab.resume()


def outcomes_of(data) -> dict[str, str]:
    """Return session -> how it ended, after all rows were verified against the blobs."""
    blobs, store = Blobs(data / "blobs"), SqliteStore(data / "coplay.db", read_only=True)
    with closing(store):
        found = {}
        for head in store.heads("small/"):
            rows = store.read(head.stream)
            assert verify(rows, blobs.get).sound, head.stream
            closed = [json.loads(row.data)["outcome"] for row in rows if row.kind == "closed"]
            assert len(closed) <= 1
            answers = [json.loads(row.data) for row in rows if row.kind == "answered"]
            finals = [answer.get("step", 0) for answer in answers if answer["name"] == "final"]
            assert max(Counter(finals).values(), default=0) <= 1, "a decision stands twice"
            found[head.stream] = closed[0] if closed else ""
        return found


def test_sixty_people_are_coded_and_paid_right_though_the_server_dies(tmp_path, monkeypatch):
    folder = write(tmp_path / "small")
    fates = [fate for fate, number in PEOPLE.items() for _ in range(number)]
    with site(tmp_path / "site", folder) as served:
        monkeypatch.setenv("SSL_CERT_FILE", str(served.certificate))
        people = [Person(served, number, fate) for number, fate in enumerate(fates)]
        crowd = [threading.Thread(target=person.live) for person in people]
        for thread in crowd:
            thread.start()
        while sum(person.rounds for person in people) < 60 and any(thread.is_alive() for thread in crowd):
            time.sleep(0.02)
        served.kill()
        time.sleep(0.3)
        served.start()
        for thread in crowd:
            thread.join(120)
        assert not any(thread.is_alive() for thread in crowd)
        assert sum(person.lost for person in people) > 0, "nobody noticed that the server was gone"
        assert served.run("coplay-backup.service").returncode == 0
        check_ways_back(people)
    later = open_house(Settings(data=str(served.data)), [open_study(folder)])
    later.sweeper.sweep("small", "", (int(time.time()) + 26 * 3600) * 1_000_000)
    owners = {worker: later.people.stream(p.token) for p in people for worker in [p.number]}
    later.close()
    ends = outcomes_of(served.data)
    assert len(ends) == 60
    late = {"expired": "timed_out"}
    assert {n: late.get(ends[stream], ends[stream]) for n, stream in owners.items()} == dict(enumerate(fates))
    check_backup(served, tmp_path)
    check_pay(served, folder, people, tmp_path)


def check_ways_back(people: list[Person]) -> None:
    """Everybody is sent back with the code of how it ended, and of nothing else."""
    for person in people:
        code = CODES.get(person.fate) if person.fate != "timed_out" else None
        expected = f"https://app.prolific.com/submissions/complete?cc={code}" if code else ""
        assert person.back == expected, (person.fate, person.place)


def check_backup(served: Site, tmp_path) -> None:
    """The backup is put back with the same heads, and its chains hold."""
    (last,) = backup.all_in(served.prefix / "var/backups/coplay")
    command, variables, folder = served.unit("coplay-backup.service")
    again = tmp_path / "again"
    for words in (["restore", str(last), "--data", str(again)], ["verify", str(again)]):
        done = subprocess.run(
            [command[0], *words], env=variables, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert backup.heads_of(again / "coplay.db") == backup.check(last).heads
    assert len(backup.check(last).heads) == 61


def check_pay(served: Site, folder, people: list[Person], tmp_path) -> None:
    """What Prolific is asked to pay is what each outcome is due, once."""
    (tmp_path / "token").write_text("t")
    command, variables, here = served.unit("coplay-backup.service")
    with platform() as fake:
        status = {"no_consent": "RETURNED", "timed_out": "TIMED-OUT"}
        as_prolific(fake, {p.number: status.get(p.fate, "AWAITING REVIEW") for p in people})
        words = ["pay", str(folder), "--send", "--token-file", str(tmp_path / "token"), "--api", fake.base, "--json"]
        runs = [
            subprocess.run([command[0], *words], env=variables, cwd=here, capture_output=True, text=True, check=False)
            for _ in range(2)
        ]
        assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
        posts = [(path, body) for method, path, _, body, _ in fake.asked if method == "POST"]
    approved = {path.split("/")[2] for path, _ in posts if path.endswith("/transition/")}
    assert approved == {f"S{p.number:03}" for p in people if p.fate == "completed"}
    lists = [json.loads(body)["csv_bonuses"] for path, body in posts if path == "/submissions/bonus-payments/"]
    assert len(lists) == 1, "paid twice"
    paid = dict(re.findall(r"(S\d+),([\d.]+)", lists[0]))
    assert paid == {f"S{p.number:03}": f"{CENTS[p.fate] / 100:.2f}" for p in people if p.fate in CENTS}
    summary = json.loads(runs[1].stdout)
    assert (summary["due"], summary["unsure"]) == (0, 0)
    assert summary["outcomes"] == PEOPLE

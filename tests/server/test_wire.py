"""The wire, over a real server and real sockets: what is answered, what is refused, what closes the connection."""

import json
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
import websockets.exceptions

from game.log import session_events
from game.verify import verify
from server.blobs import Blobs
from server.store_sqlite import SqliteStore
from tests.server.process import ROOT, Process, Refused, Tab, closed_with

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(study_folder, tmp_path_factory):
    process = Process(study_folder, tmp_path_factory.mktemp("served") / "data")
    yield process
    process.stop()


@pytest.fixture
def tab(server):
    with Tab(server.base, server.begin()) as made:
        made.resume()
        yield made


def rows_of(server, tab):
    """All rows of the tab's session, read from another connection."""
    store = SqliteStore(server.data / "coplay.db", read_only=True)
    receipt = next(head.stream for head in store.heads("small/") if head.stream in _streams(server, tab.token))
    rows = store.read(receipt)
    store.close()
    return rows


def _streams(server, token):
    import hashlib

    with sqlite3.connect(f"file:{server.data / 'coplay.db'}?mode=ro", uri=True) as connection:
        digest = hashlib.sha256(token.encode()).hexdigest()
        return [row[0] for row in connection.execute("SELECT stream FROM ticket WHERE token = ?", (digest,))]


def test_a_session_plays_to_its_end_and_its_log_verifies(server, tab):
    while not tab.over:
        assert tab.do()["ok"]
    assert tab.screen["view"]["place"] == "end/completed"
    rows = rows_of(server, tab)
    assert verify(rows, Blobs(server.data / "blobs").get).sound
    assert tab.screen["receipt"] == next(row.hash for row in rows if row.kind == "closed")
    with Tab(server.base, tab.token) as again:
        assert again.resume()["receipt"] == tab.screen["receipt"]


def test_a_tab_that_is_open_while_its_session_is_erased_is_told_so(server):
    with Tab(server.base, server.begin()) as tab:
        tab.resume()
        erase = urllib.request.Request(f"{server.base}/mine/{tab.token}/erase", b"", method="POST")
        with urllib.request.urlopen(erase, timeout=10) as answer:
            assert answer.status == 200
        assert tab.do()["code"] == "erased"
        said = [data for event, data in tab.pushed if event == "bye"]
        assert said == [{"code": "erased", "say": "The session’s data were deleted."}]
    with pytest.raises(Refused) as refused:
        Tab(server.base, tab.token)
    assert refused.value.data["code"] == "bad_token"


def test_resuming_gives_screen_words_and_gestures(server, tab):
    first = dict(tab.screen)
    assert set(first) == {"ok", "seq", "at", "hash", "view", "words", "ui", "elapsed", "receipt"}
    assert (first["ui"], first["receipt"]) == ({}, "")
    turn = first["view"]["turn"]
    trace = {"id": "trace-0001", "seen": turn, "do": "trace", "gestures": [{"name": "guide", "value": True, "ms": 5}]}
    assert tab.do(trace) == {"ok": True, "seq": first["seq"] + 1}
    with Tab(server.base, tab.token) as again:
        answer = again.resume()
        assert answer["ui"] == {"guide": True}
        assert answer["view"] == first["view"]


def test_a_language_switch_brings_words_once(tab):
    view = tab.screen["view"]
    answer = tab.do({"id": "speak-0001", "seen": view["turn"], "do": "localise", "lang": "fr"})
    assert answer["screen"]["view"]["lang"] == "fr"
    assert answer["screen"]["words"]
    assert "words" not in tab.do()["screen"]
    refused = tab.do({"id": "speak-0002", "seen": tab.screen["view"]["turn"], "do": "localise", "lang": "xx"})
    assert refused["code"] == "not_a_language"


@pytest.mark.parametrize("auth", [{"v": 1, "token": "no-such-token-at-all", "tab": "t"}, {"v": 1, "token": ""}])
def test_unknown_tokens_are_refused_with_a_code(server, auth):
    with pytest.raises(Refused) as refused:
        Tab(server.base, "x", auth)
    assert refused.value.data["code"] == "bad_token"
    assert refused.value.data["say"]


@pytest.mark.parametrize("auth", [{}, {"v": "1", "token": 3}, [], "text", {"v": 1}, {"v": 1, "token": "x" * 65}, 7])
def test_malformed_handshakes_are_refused_with_a_code(server, auth):
    with pytest.raises(Refused) as refused:
        Tab(server.base, "x", auth)
    assert refused.value.data["code"] == "bad_message"


def test_another_protocol_version_is_told_to_reload(server):
    with pytest.raises(Refused) as refused:
        Tab(server.base, "x", {"v": 2, "token": server.begin()})
    assert refused.value.data["code"] == "upgrade"


def test_another_renderer_is_told_to_reload(server):
    with Tab(server.base, server.begin()) as old:
        assert old.resume(assets="0123456789abcdef")["code"] == "upgrade"
        assert old.resume()["ok"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "short"}, {"id": "x" * 65}, {"id": 7}, {"id": "with space 1"}, {"do": "join"},
        {"do": "note", "text": "x"}, {"seen": "1"},
        {"seen": None}, {"values": []}, {"values": {"final": {}}}, {"values": {str(i): 1 for i in range(33)}}, {"gestures": {}},
        {"gestures": [{"value": 1}]}, {"shown": {"turn": 1}}, {"ms": "soon"}, {"more": 1}, {"by": "researcher:me"},
    ],
)  # fmt: skip
def test_malformed_commands_are_refused_and_change_nothing(server, tab, change):
    before = rows_of(server, tab)
    answer = tab.ask("do", tab.command(**change))
    assert (answer["ok"], answer["code"]) == (False, "bad_message")
    assert answer["say"]
    assert rows_of(server, tab) == before


@pytest.mark.parametrize(
    "text",
    [
        '["do",{',
        '["do"]',
        "[]",
        "{}",
        '"7"',
        '[["do"]]',
        '["do",null]',
        '["do",{},{}]',
        '["nothing",{}]',
        '["connect",{}]',
        '["*",1]',
        "x",
    ],
)
def test_broken_messages_are_refused_and_the_connection_lives(tab, text):
    assert tab.raw(text)["code"] == "bad_message"
    assert tab.do()["ok"]


@pytest.mark.parametrize(
    "text", ["9", "4", "49", "41/other,", "45-", "43/play,1[]", "40/nothing,{}", "6", "", "b!!!!", "42/play,"]
)
def test_odd_packets_harm_nobody_else(server, tab, text):
    with Tab(server.base, server.begin()) as odd:
        odd.socket.send(text)
    assert tab.do()["ok"]


def test_binary_is_refused(server, tab):
    tab.socket.send(b"\x04\x00")
    assert tab.do()["ok"]


def test_forged_stale_and_early_commands_get_their_code_and_the_screen(server, tab):
    before = rows_of(server, tab)
    view = tab.screen["view"]
    stale = tab.ask("do", tab.command(seen=view["turn"] - 1))
    assert (stale["code"], stale["screen"]["hash"]) == ("stale", tab.screen["hash"])
    early = tab.command()
    del early["shown"]
    assert tab.ask("do", early)["code"] == "not_shown"
    forged = tab.ask("do", tab.command(shown={"turn": view["turn"], "hash": "0" * 64}))
    assert (forged["code"], forged["screen"]["view"]) == ("wrong_view", view)
    assert tab.ask("do", tab.command(values={"handover": "ai"}))["code"] == "not_asked"
    assert rows_of(server, tab) == before


def test_commands_before_resuming_are_refused(server, tab):
    command = tab.command()
    with Tab(server.base, tab.token) as silent:
        assert silent.ask("do", command)["code"] == "not_open"


def test_doubled_reordered_and_late_commands_count_once(server, tab):
    one = tab.command()
    first = tab.do(one)
    two = tab.command()
    assert tab.ask("do", one) == first
    second = tab.do(two)
    late = tab.ask("do", one)
    assert (late["ok"], late["seq"]) == (True, first["seq"])
    assert late["screen"]["hash"] == second["screen"]["hash"]  # whoever is late is shown where things stand
    ahead = {**tab.command(), "seen": 10_000}
    assert tab.ask("do", ahead)["code"] == "stale"
    rows = rows_of(server, tab)
    assert [sum(row.cmd == command["id"] and row.kind == "answered" for row in rows) for command in (one, two)] == [
        len(one["values"]),
        len(two["values"]),
    ]


def test_the_newest_tab_wins(server, tab):
    with Tab(server.base, tab.token) as newer:
        assert newer.resume()["ok"]
        event, bye = tab.next_push()
        assert (event, bye["code"]) == ("bye", "elsewhere")
        assert tab.ask("do", tab.command())["code"] == "elsewhere"
        tab.close()
        assert newer.do()["ok"]
        kinds = [row.kind for row in rows_of(server, newer)]
        assert kinds.count("joined") == 2
        assert kinds.count("left") == 1  # the one that the second join put in; the old tab's closing adds none


def test_closing_the_tab_is_recorded(server, tab):
    import time

    tab.close()
    until = time.monotonic() + 30
    while rows_of(server, tab)[-1].kind != "left" and time.monotonic() < until:
        time.sleep(0.02)
    left = session_events(rows_of(server, tab))[-1]
    assert (left.by, type(left).__name__) == ("participant", "Left")


def test_messages_in_fragments_and_pings_are_understood(tab):
    text = "42/play,77" + json.dumps(["do", tab.command()])
    tab.socket.send([text[:10], text[10:200], text[200:]])
    assert tab.receive("43/play,77[").startswith('43/play,77[{"ok":true')
    assert tab.socket.ping(b"there?").wait(5)


def test_oversized_messages_close_the_connection_unread(server, tab):
    before = rows_of(server, tab)
    with Tab(server.base, tab.token) as big:
        big.socket.send('42/play,1["do","' + "x" * 70_000 + '"]')
        assert closed_with(big) == 1009
    assert rows_of(server, tab) == before
    assert tab.do()["ok"]


def test_unmasked_frames_close_the_connection(server):
    host, port = server.base.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), 10) as raw:
        raw.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        said = b""
        while b'"sid"' not in said:
            said += raw.recv(4096)
        raw.sendall(b"\x81\x01x")
        while chunk := raw.recv(4096):
            said += chunk
    assert said.endswith(b"\x88\x02\x03\xea")  # close, 1002


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_other_origins_are_not_let_in(server, origin):
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        Tab(server.base, server.begin(), origin=origin)
    assert refused.value.response.status_code == 400


def test_polling_is_not_offered(server):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.base}/socket.io/?EIO=4&transport=polling", timeout=10)
    assert refused.value.code == 400
    refused.value.close()


def test_importing_the_server_leaves_the_heavy_packages_out():
    code = (
        "import sys, server, server.app, server.cli, server.commands.demo, server.commands.serve, server.serving\n"
        "print([m for m in ('torch', 'captum', 'pandas', 'matplotlib', 'statsmodels', 'scipy', 'ai') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout.strip() == "[]", said.stderr

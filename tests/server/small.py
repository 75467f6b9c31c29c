"""A small study on disk, with real files under real digests, and a hand that plays it against a table."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import msgspec

from game.canonical import sha256
from game.commands import Answer, Join, Painted
from game.events import Client
from tests import tiny

STUDY = """format = 1
name = "small"
pack = "pack"
languages = ["en", "fr"]
[[condition]]
name = "alone"
workflow = "solo"
[[condition]]
name = "ai"
workflow = "concurrent"
advice = "confidence"
model = "net"
explanation = "gradcam"
[[set]]
name = "a"
n = 4
[[set]]
name = "b"
n = 4
[[phase]]
name = "welcome"
intake = true
pages = ["notice", "consent"]
[[phase]]
name = "main"
blocks = ["alone", "ai"]
sets = ["a", "b"]
order = "all"
rotate = true
[[phase]]
name = "debrief"
pages = ["debrief"]
"""
CELLS = 4


def write_study(folder: Path) -> Path:
    """Write the study with its pack; blobs are bytes that only their digests describe."""
    manifest = tiny.manifest(16)
    text = msgspec.json.encode(manifest).decode()
    blobs: dict[str, Any] = msgspec.to_builtins(manifest.blobs)
    contents = {digest: f"picture {digest}".encode() for digest in blobs}
    for digest, content in contents.items():
        text = text.replace(digest, sha256(content))
    built = msgspec.json.decode(text)
    for content in contents.values():
        built["blobs"][sha256(content)]["bytes"] = len(content)
        path = folder / "pack" / "blobs" / sha256(content)[:2] / f"{sha256(content)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "pack" / "manifest.json").write_bytes(msgspec.json.encode(built))
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "texts").mkdir(exist_ok=True)
    blocks = "".join(f'[block.{name}]\ntitle = "{name}"\ntext = "Text"\n' for name in ("alone", "ai"))
    for lang in ("en", "fr"):
        (folder / "texts" / f"{lang}.toml").write_text(blocks, "utf-8")
    return folder


def answer_to(view: dict[str, Any], option: int = 0) -> dict[str, Any]:
    """Return the values that answer a screen: the first way on, the `option`th choice everywhere."""
    acts = [ask for ask in view["asks"] if ask["kind"] == "act"]
    act = next((ask for ask in acts if ask.get("confirms")), acts[0])
    values: dict[str, Any] = {}
    if act.get("confirms"):
        for ask in view["asks"]:
            if ask["kind"] in ("choice", "rate"):
                values[ask["name"]] = ask["options"][option % len(ask["options"])]["value"]
            elif ask["kind"] == "check":
                values[ask["name"]] = True
    if act["name"]:
        values[act["name"]] = act["value"]
    return values


class Hand:
    """Plays one session through the table, without sockets."""

    def __init__(self, table: Any, stream: str) -> None:
        self.table, self.stream = table, stream
        self.joined = secrets.token_hex(8)
        self.ack = table.submit(stream, "participant", self.joined, Join(client=Client(width=800)))

    @property
    def view(self) -> dict[str, Any]:
        return msgspec.json.decode(self.table.screen(self.table.load(self.stream)).view)

    def command(self, **more: Any) -> Answer:
        """Return the command that answers the present screen."""
        session = self.table.load(self.stream)
        painted = Painted(session.state.turn, self.table.screen(session).hash)
        return Answer(**{"seen": session.state.turn, "shown": painted, "values": answer_to(self.view), **more})

    def answer(self, cmd: str = "", **more: Any) -> Any:
        """Answer the present screen."""
        self.ack = self.table.submit(self.stream, "participant", cmd, self.command(**more), joined=self.joined)
        return self.ack

    def play(self, screens: int = 100) -> str:
        """Answer until the end, at most so many screens; return where that is."""
        for _ in range(screens):
            if self.view["layout"] == "end":
                break
            assert not self.answer().code, self.ack
        return self.view["place"]

"""A simulated participant on a raw websocket: as little client as possible, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import time
from collections.abc import Callable
from typing import Any

import msgspec

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


class Tally:
    """What was measured in one run."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.rounds = self.commands = self.refused = self.sessions = self.bytes = 0
        self.errors: list[str] = []
        self.counting = False


class Line(asyncio.Protocol):
    """One websocket. Frames are masked with the key 0, which leaves the bytes as they are."""

    def __init__(self, path: str, origin: str) -> None:
        self.path, self.origin = path, origin
        self.buffer = b""
        self.upgraded = False
        self.inbox: asyncio.Queue[str | None] = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        host = self.origin.split("//")[1]
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {self.origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        if not self.upgraded:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self.buffer.startswith(b"HTTP/1.1 101"), self.buffer[:200]
            self.upgraded, self.buffer = True, self.buffer[end + 4 :]
        while (frame := self.cut()) is not None:
            opcode, payload = frame
            if opcode == 8:
                self.inbox.put_nowait(None)
            elif payload == b"2":
                self.send("3")
            else:
                self.inbox.put_nowait(payload.decode())

    def cut(self) -> tuple[int, bytes] | None:
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return None
        self.buffer = buffer[start + length :]
        return buffer[0] & 15, buffer[start : start + length]

    def connection_lost(self, _: Exception | None) -> None:
        self.inbox.put_nowait(None)

    def send(self, text: str) -> None:
        data = text.encode()
        head = bytes((0x81, 0x80 | len(data))) if len(data) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(data))
        self.transport.write(head + b"\0\0\0\0" + data)

    async def receive(self) -> str:
        text = await self.inbox.get()
        if text is None:
            raise ConnectionError("the server closed the connection")
        return text


async def dial(base: str, query: str = "") -> Line:
    """Open a websocket to the Socket.IO server at `base`."""
    host, port = base.split("//")[1].split(":")
    path = f"/socket.io/?EIO=4&transport=websocket{query}"
    _, line = await asyncio.get_running_loop().create_connection(lambda: Line(path, base), host, int(port))
    await line.receive()
    return line


class Caller:
    """Emits events and waits for their acknowledgements."""

    def __init__(self, line: Line, namespace: str) -> None:
        self.line, self.count = line, 0
        self.head = f"{namespace}," if namespace else ""

    async def call(self, event: str, data: Any) -> tuple[Any, float, int]:
        """Return the acknowledgement, the seconds it took and its bytes."""
        self.count += 1
        text = f"42{self.head}{self.count}{encode([event, data]).decode()}"
        began = time.perf_counter()
        self.line.send(text)
        while not (answer := await self.line.receive()).startswith("43"):
            pass
        took = time.perf_counter() - began
        return decode(answer[answer.index("[") :])[0], took, len(answer)


def command_for(screen: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return the answer that a browser would send for a screen: every input answered, painted, five gestures."""
    view = screen["view"]
    acts = [ask for ask in view["asks"] if ask["kind"] == "act"]
    act = next((ask for ask in acts if ask.get("confirms")), acts[0])
    values: dict[str, Any] = {}
    if act.get("confirms"):
        for ask in view["asks"]:
            if ask["kind"] in ("choice", "rate"):
                values[ask["name"]] = rng.choice(ask["options"])["value"]
            elif ask["kind"] == "check":
                values[ask["name"]] = True
    if act["name"]:
        values[act["name"]] = act["value"]
    gestures = [{"name": name, "value": value, "ms": 300} for name, value in values.items()]
    gestures += [{"name": "first", "value": "pointer", "ms": 210}, {"name": "opacity", "value": 0.5, "ms": 900}]
    gestures += [{"name": "focus", "value": True, "ms": 5}]
    shown = {
        "turn": view["turn"], "hash": screen["hash"], "ago_ms": 1500, "image_ms": 12, "overlay_ms": 9, "width": 1366,
        "height": 768, "side": 616, "dpr": 1, "theme": "light",
    }  # fmt: skip
    return {
        "id": os.urandom(16).hex(), "seen": view["turn"], "do": "answer", "values": values, "ms": 1500, "shown": shown,
        "gestures": gestures,
    }  # fmt: skip


async def play(base: str, token: Callable[[], Any], think_s: float, tally: Tally, until: float, seed: int) -> None:
    """Play sessions one after the other until the clock says `until`."""
    rng = random.Random(seed)
    await asyncio.sleep(rng.random() * min(think_s, 2))
    while time.monotonic() < until:
        ticket = await token()
        line = await dial(base, f"&s={ticket}")
        line.send("40/play," + encode({"v": 1, "token": ticket, "tab": "bench"}).decode())
        connected = await line.receive()
        if not connected.startswith("40"):
            tally.errors.append(connected[:200])
            return
        caller = Caller(line, "/play")
        screen, _, _ = await caller.call("resume", {"client": {"width": 1366, "height": 768, "theme": "light"}})
        tally.sessions += 1
        while time.monotonic() < until and screen["view"]["layout"] != "end":
            if think_s:
                await asyncio.sleep(rng.uniform(0.5, 1.5) * think_s)
            command = command_for(screen, rng)
            reply, took, size = await caller.call("do", command)
            if not reply["ok"]:
                tally.refused += 1
                tally.errors.append(f"{screen['view']['place']}: {reply['code']}")
                break
            if tally.counting:
                tally.commands += 1
                tally.rounds += "final" in command["values"]
                tally.latencies.append(took)
                tally.bytes += size
            screen = reply["screen"]
        line.transport.close()


async def echo(base: str, payload: dict[str, Any], think_s: float, tally: Tally, until: float, seed: int) -> None:
    """The same message and the same answer on the stock server, which stores nothing and decides nothing."""
    rng = random.Random(seed)
    line = await dial(base)
    line.send("40")
    await line.receive()
    caller = Caller(line, "")
    while time.monotonic() < until:
        if think_s:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * think_s)
        _, took, size = await caller.call("do", payload)
        if tally.counting:
            tally.commands += 1
            tally.latencies.append(took)
            tally.bytes += size
    line.transport.close()

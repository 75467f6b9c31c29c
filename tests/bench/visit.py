"""How long a first visit takes on a slow mobile line: `python -m tests.bench.visit` (needs nginx, openssl, chromium).

The shipped nginx and gunicorn on this machine, a real Chromium, and between them a line of 1.6 Mbit/s and 150 ms that is
played by a proxy: every byte in either direction waits, TLS handshakes included, and a new connection waits once more, as
TCP does.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e import hands
from tests.e2e.conftest import PHONE
from tests.server.services import free_port
from tests.server.site import Site, site

RTT_S, BITS = 0.150, 1_600_000
REPEATS = 7
ROUNDS = 12
USABLE = "#root[data-live='true'] main .btn--primary"
CHROMIUM = (
    "--ignore-certificate-errors",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-gpu",
)


class Wire:
    """A slow line to `port`: one queue a direction for all connections, as behind one modem."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.bytes = [0, 0]
        self.loop = asyncio.new_event_loop()
        self.free = [0.0, 0.0]
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(asyncio.start_server(self.serve, "127.0.0.1", self.port), self.loop).result()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(RTT_S)  # SYN and its answer
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.carry(0, reader, far_writer), self.carry(1, far_reader, writer))

    async def carry(self, way: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                at, data = await waiting.get()
                await asyncio.sleep(max(0, at - self.loop.time()))
                if not data:
                    return
                writer.write(data)
                await writer.drain()

        delivering = asyncio.ensure_future(deliver())
        try:
            while data := await reader.read(1460):
                self.bytes[way] += len(data)
                self.free[way] = max(self.free[way], self.loop.time()) + len(data) * 8 / BITS
                waiting.put_nowait((self.free[way] + RTT_S / 2, data))
        except OSError:
            pass
        waiting.put_nowait((self.loop.time() + RTT_S / 2, b""))
        try:
            await delivering
            writer.close()
        except OSError:
            pass


def visit(browser: Browser, served: Site, wire: Wire) -> dict[str, float]:
    """Return the milliseconds of one first visit with an empty cache, and of the same session opened anew."""
    context = browser.new_context(**PHONE, locale="en")
    page = context.new_page()
    origin = served.origin
    before = sum(wire.bytes)
    page.goto(f"{origin}/s/moths", wait_until="commit")
    page.locator("form button[type=submit]").wait_for()
    found = {"start page": since(page)}
    page.wait_for_load_state("networkidle")
    page.locator("form button[type=submit]").click()
    page.locator(USABLE).first.wait_for()
    found["first screen after Start"] = since(page)
    place = page.url
    context.close()
    found["kB of these two, TLS and all"] = (sum(wire.bytes) - before) / 1000
    context = browser.new_context(**PHONE, locale="en")
    page = context.new_page()
    page.goto(place, wait_until="commit")
    page.locator(USABLE).first.wait_for()
    found["first screen, nothing cached"] = since(page)
    context.close()
    return found


def since(page: Any) -> float:
    """Return the milliseconds since navigation began, once what was waited for has been painted."""
    return page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))")


def rounds(browser: Browser, served: Site) -> list[float]:
    """Return the milliseconds from Confirm to the next round's decoded and painted picture, on a line without delay."""
    context = browser.new_context(**PHONE, locale="en")
    page = context.new_page()
    hands.start(page, f"{served.origin}/s/moths")
    hands.play(page, until="main-1-01/")
    took: list[float] = []
    rng = Random(1)
    while len(took) < ROUNDS:
        here = hands.place(page)
        hands.choose(page, rng)
        page.wait_for_timeout(400)
        ms = page.evaluate(
            """before => new Promise((done) => {
              const root = document.querySelector("#root"), start = performance.now();
              const seen = new MutationObserver(() => {
                if (root.dataset.live !== "true" || root.dataset.place === before) return;
                seen.disconnect();
                done(performance.now() - start);
              });
              seen.observe(root, { attributes: true });
              root.querySelector("main .btn--primary").click();
            })""",
            here,
        )
        if here.startswith("main") and hands.kind(page) == "round":
            took.append(ms)
    context.close()
    return took


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as served, sync_playwright() as made:
        browser = made.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        quick = rounds(browser, served)
        browser.close()
        wire = Wire(served.tls)
        # The browser dials the site's own name and port, and is led through the slow line.
        led = f"--host-resolver-rules=MAP localhost:{served.tls} 127.0.0.1:{wire.port}"
        browser = made.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, led])
        visits = [visit(browser, served, wire) for _ in range(REPEATS)]
        browser.close()
    print(f"{time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.1f}, {REPEATS} visits, {ROUNDS} rounds")
    for name in visits[0]:
        print(f"{name}: {_spread([one[name] for one in visits])}")
    print(f"Confirm to the next round, ms: {_spread(quick)}")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


if __name__ == "__main__":
    main()

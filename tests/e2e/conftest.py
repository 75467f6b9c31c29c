"""A real server, a real browser: the demo started as a user starts it, on a free port with a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=15_000)  # how long to wait for what is expected: machines differ in speed


class Demo:
    """A running server: its links, its data folder, and a way to kill it."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data, self.arguments = data, arguments
        self.links: dict[str, str] = {}
        self.start(0)

    def start(self, port: int) -> None:
        """Start the server and wait until it says that it is ready."""
        command = [sys.executable, "-m", "server.cli", *(self.arguments or ("demo", "--no-open"))]
        command += ["--port", str(port), "--json", "--data", str(self.data)]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("COPLAY_")}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            pytest.fail(f"the server did not start: {self.process.stderr.read() if self.process.stderr else ''}")
        self.links = json.loads(line)
        # Whoever does not read a pipe stops the writer once it is full.
        self.readers = [
            threading.Thread(target=_drain, args=(stream,)) for stream in (self.process.stdout, self.process.stderr)
        ]
        for reader in self.readers:
            reader.start()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.links["participant"].split("/")[:3])

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.origin.rsplit(":", 1)[1])

    def kill(self) -> None:
        """kill -9 the whole group, as a crash would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._end()

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; returns its exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        code = self.process.wait(timeout=20)
        self._end()
        return code

    def _end(self) -> None:
        for reader in self.readers:
            reader.join(timeout=10)


def _drain(stream: IO[str]) -> None:
    with stream:
        stream.read()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once."""
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-gpu"]
    launched = playwright.chromium.launch(executable_path=chromium, args=arguments)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, started once for a module."""
    running = Demo(tmp_path_factory.mktemp("data"))
    yield running
    running.stop()


@pytest.fixture(scope="package")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The tour of the workflows, started once."""
    running = Demo(tmp_path_factory.mktemp("tour"), "serve", str(ROOT / "game/studies/workflows"))
    yield running
    running.stop()


LAPTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip

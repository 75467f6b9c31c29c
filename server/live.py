"""A server of our own for simulated participants: started on a free port, played over real sockets, read, stopped."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from random import Random

from game.canonical import Digest, sha256
from game.events import Value
from game.eyes import Eyes, read_in
from game.log import Row
from game.mixture import Share, replied, seat
from game.screen import View
from server import settings as environment
from server.robot import Robot, start
from server.settings import Settings
from server.store_sqlite import SqliteStore
from server.studies import OpenStudy

TOGETHER = 16
"""Participants at the same time."""


@cache
def digest_at(origin: str, name: str) -> Digest | None:
    """Return the digest of a picture that the server shows, by looking at its bytes; None where there is none."""
    try:
        with urllib.request.urlopen(f"{origin}/b/{name}", timeout=30) as answer:  # noqa: S310 - our own server
            return sha256(answer.read())
    except urllib.error.HTTPError as error:
        error.close()
        return None


@contextmanager
def serving(study: Path, data: Path) -> Generator[str, None, None]:
    """Serve `study` with new sessions marked simulated; yields the join page's address. Raises RuntimeError."""
    command = [sys.executable, "-m", "server.cli", "serve", str(study), "--port", "0", "--json", "--data", str(data)]
    variables = environment.child_environment(Settings(prefix="simulated"))
    with (data / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError(f"the server did not start: {(data / 'server.log').read_text('utf-8')}")
            yield json.loads(line)["participant"]
        finally:
            process.terminate()
            process.wait(timeout=20)
            if process.stdout:
                process.stdout.close()


def play_live(
    opened: OpenStudy, number: int, shares: Sequence[Share], seed: str, done: Callable[[], None]
) -> Mapping[str, Sequence[Row]]:
    """Let `number` robots play a study through sockets; returns stream -> rows. Raises Halted when one cannot go on."""
    study = opened.folder

    def one(join: str, index: int) -> None:
        origin = "/".join(join.split("/")[:3])
        rng = Random(f"{seed}/{index}")  # noqa: S311 - a simulation, not a secret
        eyes = Eyes(opened.pack.manifest, partial(digest_at, origin), read_in(opened.study))
        seated = seat(shares, rng, eyes)

        def play(screen: View, rng: Random) -> Mapping[str, Value]:
            return replied(seated.play(screen, rng), rng).values

        Robot(origin, start(join), play, rng).run()
        done()

    with tempfile.TemporaryDirectory(prefix="coplay-live-") as folder:
        data = Path(folder)
        with serving(study, data) as join, ThreadPoolExecutor(TOGETHER) as pool:
            for finished in [pool.submit(one, join, index) for index in range(number)]:
                finished.result()
        store = SqliteStore(data / "coplay.db")
        try:
            return {head.stream: store.read(head.stream) for head in store.heads("simulated/")}
        finally:
            store.close()

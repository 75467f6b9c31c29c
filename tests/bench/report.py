"""What a report takes: simulated people play the reference study, and `coplay report` reads their log. CPU seconds and peak memory.

`python -m tests.bench.report 300 1000` prints one line a size; logs and reports go to a folder that is deleted. A log has about
200 kB a person.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

STUDY = Path(__file__).resolve().parents[2] / "game/studies/reference"
PLAYERS = "follower:0.25,verifier:0.35,delegator:0.2,anchored:0.1,careless:0.1"


class Took(NamedTuple):
    """CPU seconds of a command and the most memory it held, in MB."""

    cpu_s: float
    peak_mb: float


def took(*arguments: str) -> Took:
    """Run a command of coplay in a process of its own; raises CalledProcessError with what it said."""
    child = subprocess.Popen([sys.executable, "-m", "server.cli", *arguments], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, arguments)
    return Took(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def measure(people: int, folder: Path) -> Took:
    """Simulate so many people into `folder` and report on them."""
    log = folder / f"{people}.log.jsonl"
    took("simulate", str(STUDY), "-n", str(people), "-o", str(log), "--player", PLAYERS)
    return took("report", str(log), "-o", str(folder / str(people)))


def main() -> None:
    """Measure the sizes that are named."""
    for people in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            made = measure(people, Path(folder))
        sys.stdout.write(f"{people} people: {made.cpu_s:.0f} s of CPU, at most {made.peak_mb:.0f} MB\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

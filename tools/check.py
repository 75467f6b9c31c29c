"""Judge the code: `make check` (fast), `make test` (`--all`), `make format` (`--write`).

The judges run two at a time and say nothing when content; the tests follow and talk, while the slowest judge still thinks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tools.bootstrap import ROOT, npm

PYTHON = sys.executable
BIN = Path(PYTHON).parent
LINES = 80
WORKERS = "2"
"""Test files at the same time: most of the slow ones wait for a browser or a server."""
FAST = "not slow and not e2e and not services"


class Judge(NamedTuple):
    """One tool and how it is started."""

    name: str
    argv: list[str]


class Judged(NamedTuple):
    """What a judge said."""

    name: str
    good: bool
    seconds: float
    output: str


def judges() -> list[Judge]:
    """List the judges, the slowest first."""
    module = [PYTHON, "-m"]
    return [
        Judge("pyright", [str(BIN / "pyright"), "--warnings"]),
        Judge("tsc", [str(ROOT / "static/node_modules/.bin/tsc"), "-p", "static/jsconfig.json"]),
        Judge("ruff check", [*module, "ruff", "check", "--no-cache", "."]),
        Judge("ruff format", [*module, "ruff", "format", "--no-cache", "--check", "."]),
        Judge("import-linter", [str(BIN / "lint-imports"), "--no-cache"]),
        Judge("docs/reference", [*module, "tools.reference", "--check"]),
        Judge("static/types.d.ts", [*module, "tools.declarations", "--check"]),
    ]


def judge(one: Judge) -> Judged:
    """Run one judge and keep what it said."""
    began = time.monotonic()
    done = subprocess.run(one.argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return Judged(one.name, done.returncode == 0, time.monotonic() - began, done.stdout + done.stderr)


def shorten(said: Judged) -> str:
    """Return the first lines of what a judge said; the tool itself says the rest."""
    lines = said.output.rstrip().splitlines()
    more = [f"... and {len(lines) - LINES} more lines: run {said.name} alone"] if len(lines) > LINES else []
    return "\n".join([*lines[:LINES], *more])


def tell(said: Judged) -> bool:
    """Print a line about a judge, and all that a discontent one said; tell whether it is content."""
    print(f"{'ok  ' if said.good else 'FAIL'}  {said.name:<18} {said.seconds:5.1f} s", flush=True)
    if not said.good:
        print(shorten(said) + "\n", flush=True)
    return said.good


def talk(argv: list[str]) -> bool:
    """Run a command that talks to the person; tell whether it went well."""
    return subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def javascript_tests() -> bool:
    """Run the tests of static/ with node's own runner."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.*js"))
    return not files or talk(["node", "--test", "--test-reporter=spec", *files])


def pytest(*more: str) -> bool:
    """Run pytest; it remembers nothing of earlier runs."""
    return talk([PYTHON, "-m", "pytest", "-p", "no:cacheprovider", *more])


def rewrite() -> bool:
    """Format the code and write what is generated."""
    module = [PYTHON, "-m"]
    commands = (
        [*module, "ruff", "check", "--fix-only", "--quiet", "."],
        [*module, "ruff", "format", "."],
        [*module, "tools.reference"],
        [*module, "tools.declarations"],
        [*module, "tools.snapshots", "--write"],
    )
    said = [talk(command) for command in commands]  # all of them, whatever the first says
    return all(said)


def main() -> int:
    """Judge, test or write as asked; 0 when all is well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="all tests, with services and browser")
    parser.add_argument("--write", action="store_true", help="format, and write what is generated")
    parser.add_argument("rest", nargs="*", help="passed on to pytest")
    asked = parser.parse_args()
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ.update(npm()[1])  # without node on this machine, the one in .venv comes first on the path
    if asked.write:
        return 0 if rewrite() else 1
    chosen = () if asked.all else ("-m", FAST)
    with ThreadPoolExecutor(2) as pool:
        slowest, *others = [pool.submit(judge, one) for one in judges()]
        content = [tell(one.result()) for one in others]  # each is heard, whatever the first says
        good = javascript_tests() and all(content)
        # In the order of tests/conftest.py: xdist's own would leave files of few and long tests for the end.
        tested = pytest("-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder", *chosen, *asked.rest)
        good = tell(slowest.result()) and good
    if not good:
        print("\nThe tests ran, but a judge above is not content.", file=sys.stderr)
    return 0 if good and tested else 1


if __name__ == "__main__":
    sys.exit(main())

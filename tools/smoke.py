"""Meet coplay as a stranger does: a fresh clone in a path with a space, `make play`, its links, Ctrl-C, `make play` again.

    python3 tools/smoke.py [--without-npm]

Standard library only. Clones what is committed; exits 1 when something is not as promised, and prints what took how long.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 600
HIDDEN = {"node", "nodejs", "npm", "npx", "corepack"}
ASKED = "--no-open --port 0 --json"


def say(text: str) -> None:
    """Talk to the person, on stderr."""
    print(text, file=sys.stderr, flush=True)


def without_npm(folder: Path) -> str:
    """Make a folder with links to all commands but node and npm; return it as a PATH."""
    folder.mkdir()
    for place in os.environ.get("PATH", "").split(os.pathsep):
        for command in sorted(Path(place).glob("*")) if place else ():
            link = folder / command.name
            if command.name not in HIDDEN and not link.is_symlink():
                link.symlink_to(command)
    return str(folder)


def play(clone: Path, env: dict[str, str]) -> float:
    """Start the demo, look at both links, stop it with Ctrl-C; return the seconds until it was ready."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "play", f"ARGS={ASKED}"], cwd=clone, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    watchdog = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = time.monotonic() - began
        links = json.loads(line or "{}")
        if set(links) < {"participant", "desk", "data"}:
            raise SystemExit(f"the demo did not print its links but: {line!r}")
        for name in ("participant", "desk"):
            look(name, links[name])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        watchdog.cancel()
    if not Path(clone, links["data"]).exists():
        raise SystemExit(f"{links['data']} is not there: where are the data?")
    return ready


def look(name: str, address: str) -> None:
    """Fetch a link as a browser would: with cookies."""
    if not address.startswith("http://127.0.0.1:"):
        raise SystemExit(f"{name} is not on this machine: {address}")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    try:
        page = browser.open(address, timeout=10).read().decode()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{name} answered {error.code}: {error.read().decode()[:500]}") from error
    if "coplay" not in page.lower():
        raise SystemExit(f"{name} answered with something else:\n{page[:500]}")


def main() -> None:
    """Clone, play twice, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--without-npm", action="store_true", help="hide node and npm, as on a machine that has neither"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coplay smoke ") as folder:
        clone = Path(folder) / "a clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith("COPLAY_")}
        if asked.without_npm:
            env["PATH"] = without_npm(Path(folder) / "bin")
        first = play(clone, env)
        say(f"first make play: ready after {first:.1f} s")
        second = play(clone, env)
        say(f"second make play: ready after {second:.1f} s")
        left = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
        if left.stdout:
            raise SystemExit(f"playing left files that git sees:\n{left.stdout}")
    print(json.dumps({"first_s": round(first, 1), "second_s": round(second, 1)}))


if __name__ == "__main__":
    main()

"""Load: how many people one process serves, with every answer on disk, beside a stock echo in the same run.

    python tests/bench/load.py [--people 50 200 500] [--think 0 2] [--seconds 10] [-o bench.json] [--store postgresql://...]

One round is one concurrent round as the browser sends it: an answer with what was painted and the gestures. Latency is
from the decision to the next view, at the client. Everything stays on 127.0.0.1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from participant import Caller, Tally, command_for, dial, echo, encode, play

ROOT = Path(__file__).resolve().parents[2]
WARM_SECONDS = 1.5


def warm_seconds(think: float) -> float:
    """Return how long to wait before counting: by then all are connected, placed, and most are in their rounds."""
    return WARM_SECONDS + 5 * think


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def start_session(base: str) -> str:
    """Press Start; return the token."""
    request = urllib.request.Request(f"{base}/s/moths", data=b"lang=en", method="POST")
    try:
        urllib.request.build_opener(_Stay).open(request, timeout=30)
    except urllib.error.HTTPError as error:
        return error.headers["Location"].rsplit("/", 1)[1]
    raise RuntimeError("Start led nowhere")


def pinned(command: list[str]) -> list[str]:
    """Keep servers on the first core and this client on the others."""
    return ["taskset", "-c", "0", *command] if (os.cpu_count() or 1) > 1 else command


def coplay(data: Path, store: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start coplay and wait for its line."""
    command = [
        sys.executable,
        "-m",
        "server.cli",
        "serve",
        "game/studies/moths",
        "--port",
        "0",
        "--json",
        "--data",
        str(data),
    ]
    more = {"COPLAY_MESSAGES_PER_SECOND": "100000", **({"COPLAY_STORE": store} if store else {})}
    process = subprocess.Popen(
        pinned(command), cwd=ROOT, env={**os.environ, **more}, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    links = json.loads(process.stdout.readline())
    return process, links["participant"].rsplit("/s/", 1)[0]


def stock(answer: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the stock echo."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "1", "--worker-connections", "4000", "-b", f"127.0.0.1:{port}",
        "--log-level", "warning", "--chdir", str(Path(__file__).parent), "echo:app",
    ]  # fmt: skip
    process = subprocess.Popen(
        pinned(command),
        env={**os.environ, "ECHO_ANSWER": str(answer)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    base = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    return process, base


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that we started, with its worker."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def count_rows(data: Path, store: str) -> int:
    """Count the rows of the log."""
    if store:
        import psycopg

        with psycopg.connect(store) as connection:
            found = connection.execute("SELECT count(*) FROM log").fetchone()
            return found[0] if found else 0
    with sqlite3.connect(f"file:{data / 'coplay.db'}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*) FROM log").fetchone()[0]


def cpu_seconds(master: int) -> float:
    """Return the processor time of a server's worker, all its threads; 0 where the system does not tell."""
    try:
        worker = Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()[0]
        fields = Path(f"/proc/{worker}/stat").read_text("ascii").rsplit(") ", 1)[1].split()
    except (OSError, IndexError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(
    tally: Tally, warm: float, seconds: float, players: list[Any], rows: Any, master: int
) -> dict[str, Any]:
    """Run players, count after a warm-up, return the figures."""
    tasks = [asyncio.create_task(player) for player in players]
    await asyncio.sleep(warm)
    before, began, busy = rows(), time.perf_counter(), cpu_seconds(master)
    tally.counting = True
    await asyncio.sleep(seconds)
    tally.counting = False
    took, stored, busy = time.perf_counter() - began, rows() - before, cpu_seconds(master) - busy
    done = await asyncio.gather(*tasks, return_exceptions=True)
    tally.errors += [repr(error) for error in done if isinstance(error, BaseException)]
    ms = sorted(latency * 1000 for latency in tally.latencies)
    cut = statistics.quantiles(ms, n=100) if len(ms) > 1 else [0.0] * 99
    return {
        "rounds_per_s": round(tally.rounds / took, 1), "commands_per_s": round(tally.commands / took, 1),
        "rows_per_s": round(stored / took, 1), "cpu_us_per_command": round(busy / max(1, tally.commands) * 1e6),
        "p50_ms": round(cut[49], 2), "p95_ms": round(cut[94], 2),
        "p99_ms": round(cut[98], 2), "max_ms": round(ms[-1], 2) if ms else 0.0, "n": len(ms),
        "bytes_per_answer": round(tally.bytes / max(1, tally.commands)), "refused": tally.refused,
        "errors": sorted(set(tally.errors))[:5],
    }  # fmt: skip


async def run_coplay(base: str, people: int, think: float, seconds: float, rows: Any, master: int) -> dict[str, Any]:
    """Measure coplay with `people` participants."""
    loop = asyncio.get_running_loop()
    spare = 1 if think else 3  # without thinking a session lasts seconds: the next ones are begun before the clock runs
    ready = [await loop.run_in_executor(None, start_session, base) for _ in range(people * spare)]

    async def token() -> str:
        return ready.pop() if ready else await loop.run_in_executor(None, start_session, base)

    tally = Tally()
    until = time.monotonic() + warm_seconds(think) + seconds + 0.3
    return await measured(
        tally,
        warm_seconds(think),
        seconds,
        [play(base, token, think, tally, until, i) for i in range(people)],
        rows,
        master,
    )


async def run_echo(
    base: str, payload: dict[str, Any], people: int, think: float, seconds: float, master: int
) -> dict[str, Any]:
    """Measure the stock echo with the same message."""
    tally = Tally()
    until = time.monotonic() + warm_seconds(think) + seconds + 0.3
    players = [echo(base, payload, think, tally, until, i) for i in range(people)]
    return await measured(tally, warm_seconds(think), seconds, players, lambda: 0, master)


def compared(ours: dict[str, Any], stocked: dict[str, Any]) -> dict[str, Any]:
    """Return our rate over the echo's, by the clock and by processor time (which a busy machine disturbs less)."""
    cpu = stocked["cpu_us_per_command"] / ours["cpu_us_per_command"] if ours["cpu_us_per_command"] else 0.0
    return {
        "ratio": round(ours["commands_per_s"] / max(1, stocked["commands_per_s"]), 2),
        "ratio_by_cpu": round(cpu, 2),
    }


async def sample(base: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a round's command and its answer, for the echo."""
    import random

    token = await asyncio.get_running_loop().run_in_executor(None, start_session, base)
    line = await dial(base, f"&s={token}")
    line.send("40/play," + encode({"v": 1, "token": token, "tab": "bench"}).decode())
    await line.receive()
    caller = Caller(line, "/play")
    screen, _, _ = await caller.call("resume", {"client": {}})
    rng, rounds = random.Random(1), 0
    while True:
        command = command_for(screen, rng)
        reply, _, _ = await caller.call("do", command)
        screen = reply["screen"]
        rounds += "final" in command["values"]
        if rounds == 16:
            line.transport.close()
            return command, reply


async def main(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run everything, the stock echo beside each figure."""
    if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))
    found: list[dict[str, Any]] = []
    facts = machine()
    with tempfile.TemporaryDirectory(dir=arguments.data) as folder:
        data, answer = Path(folder) / "data", Path(folder) / "answer.json"
        server, base = coplay(data, arguments.store)
        command, reply = await sample(base)
        answer.write_text(json.dumps(reply), "utf-8")
        yardstick, echo_base = stock(answer)
        try:
            for think in arguments.think:
                for people in arguments.people:
                    stocked = await run_echo(echo_base, command, people, think, arguments.seconds, yardstick.pid)
                    ours = await run_coplay(
                        base, people, think, arguments.seconds, lambda: count_rows(data, arguments.store), server.pid
                    )
                    found.append(
                        {
                            "people": people,
                            "think_s": think,
                            "coplay": ours,
                            "stock_echo": stocked,
                            **compared(ours, stocked),
                        }
                    )
                    print(json.dumps(found[-1]), file=sys.stderr, flush=True)
        finally:
            stop(server)
            stop(yardstick)
    return {"machine": facts, "store": arguments.store.split(":")[0] or "sqlite", "runs": found}


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = next((line.split(":")[1].strip() for line in _cpu() if line.startswith("model name")), platform.processor())
    return {
        "cpu": model, "cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
        "load_before": os.getloadavg(), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip


def _cpu() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--think", type=float, nargs="+", default=[0, 2])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--store", default="", help="a PostgreSQL address; SQLite without it")
    parser.add_argument(
        "--data", default=None, help="where the temporary data folder is made (the disk that is measured)"
    )
    parser.add_argument("-o", "--output", type=Path)
    chosen = parser.parse_args()
    result = json.dumps(asyncio.run(main(chosen)), indent=1)
    if chosen.output:
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(result + "\n", "utf-8")
    else:
        print(result)

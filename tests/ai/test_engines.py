"""Engines: the same jobs give the same results; a worker that is killed costs its shard only; nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ai import drawn, observing
from ai.engines.local import Local, WorkerLost
from ai.job import Job, job
from ai.jobstore import JobStore
from ai.workshop import Workshop
from game.registry import engine

NAMES = engine.names()


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def below(pid):
    """Every process started by a process, directly or not."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


@pytest.fixture
def local():
    made = Local(2)
    made.start({})
    yield made
    made.stop()


def jobs(moths, n=24):
    return drawn.jobs("moths", moths.scenes(n, 4), 24, 9000, 60)


def test_every_engine_has_three_methods():
    assert {"local", "ray"} <= set(NAMES)
    for entry in engine:
        assert entry.info["about"]
        assert all(callable(getattr(entry.thing, name)) for name in ("start", "run", "stop"))


@pytest.mark.slow
def test_processes_do_what_one_does(moths, local):
    todo = jobs(moths)
    alone = dict(zip([j.keys for j in todo], [r for _, r in Local(1).run(todo)], strict=True))
    assert {j.keys: results for j, results in local.run(todo)} == alone
    pids = local.workers_now()
    assert len(pids) == 2
    local.stop()
    assert not any(alive(pid) for pid in pids)


@pytest.mark.slow
def test_a_killed_worker_costs_its_shard_only(moths, local):
    todo = jobs(moths, 60)
    done = []
    for made, _ in local.run(todo):
        done.append(made.keys)
        if len(done) == 2:
            os.kill(local.workers_now()[0], signal.SIGKILL)
    assert sorted(done) == sorted(j.keys for j in todo), "each shard once, the killed worker's too"


@pytest.mark.slow
def test_a_job_that_kills_every_worker_is_told(moths, local, tmp_path):
    """A worker that kills itself while it does the job: really killed, each time."""
    (tmp_path / "deadly.py").write_text(
        "import os, signal\ndef __getattr__(name): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    bad = Deadly.of(str(tmp_path))
    with pytest.raises(WorkerLost, match="3 workers died over one 'observe' job"):
        list(local.run([bad]))
    assert local.workers_now() == ()


class Deadly(Job, frozen=True):
    """Kills whoever unpickles it."""

    @classmethod
    def of(cls, folder):
        return cls("observe", {"folder": folder}, (0,), ("k",))

    def __reduce__(self):
        return _fatal, (self.common["folder"],)


def _fatal(folder):
    sys.path.insert(0, folder)
    import deadly

    return deadly.anything


def test_what_a_job_raises_arrives(local):
    with pytest.raises(LookupError, match="no specimen is called 'mots'"):
        list(local.run([job("observe", {"source": "mots"}, [[]])]))
    assert local.run([]) is not None


@pytest.mark.slow
def test_workers_end_when_the_build_is_killed(tmp_path, environment):
    code = (
        "import sys, time\nfrom ai.engines.local import Local\nfrom ai import drawn\nfrom ai.specimens.moths import Moths\n"
        "if __name__ == '__main__':\n"
        "  made = Local(2); made.start({})\n"
        "  for _ in made.run(drawn.jobs('moths', Moths().scenes(2000, 1), 200, 9000, 60)):\n"
        "    print(*made.workers_now(), flush=True)\n"
    )
    (tmp_path / "run.py").write_text(code)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "run.py"], env=environment, stdout=subprocess.PIPE, text=True
    )
    pids = [int(pid) for pid in process.stdout.readline().split()]
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 30
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert pids
    assert not any(alive(pid) for pid in pids)


def test_what_is_stored_is_not_made_again(moths, tmp_path):
    told = []
    todo = observing.jobs("moths", moths.scenes(3, 2)) + jobs(moths, 12)
    first = Workshop(Local(1), JobStore(tmp_path / "jobs"), told.append)
    first.make("both", todo)
    assert first.made == 13
    assert told[-1]["done"] == told[-1]["of"] == 13
    again = Workshop(Local(1), JobStore(tmp_path / "jobs"))
    again.make("both", todo)
    assert again.made == 0
    again.store._path(todo[1].keys[4]).unlink()
    (tmp_path / "jobs" / "ab").mkdir(exist_ok=True)
    (tmp_path / "jobs" / "ab" / "abcdef.77.half").write_bytes(b"half of something")
    again.make("both", todo)
    assert again.made == 1
    assert again.store.sweep(again.used) == 1
    assert all(key in again.store for j in todo for key in j.keys)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, environment):
    """A Ray cluster of this machine alone: its address."""
    pytest.importorskip("ray", reason="ray is not installed: pip install 'coplay[ray]'")
    folder = tmp_path_factory.mktemp("r")
    port = 26379 + os.getpid() % 1000
    command = [
        str(Path(sys.executable).with_name("ray")),
        "start",
        "--head",
        "--block",
        f"--port={port}",
    ]
    command += ["--num-cpus=2", "--include-dashboard=false", f"--temp-dir={folder}", "--object-store-memory=80000000"]
    command += ["--disable-usage-stats", "--node-ip-address=127.0.0.1"]
    env = {**environment, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    yield f"127.0.0.1:{port}"
    started = below(process.pid)
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    for pid in filter(alive, started):
        os.kill(pid, signal.SIGKILL)


RAY = """
import os, signal, sys, time
from pathlib import Path
from ai import drawn
from ai.engines.local import Local
from ai.engines.ray import Ray
from ai.specimens.moths import Moths

def at_work():
    "Return a worker of this cluster that is doing a job; its title says so only while it does."
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::do"):
                parent = path.with_name("stat").read_text().rpartition(")")[2].split()[1]
                if sys.argv[2] in Path(f"/proc/{parent}/cmdline").read_text():
                    return int(path.parent.name)
        except OSError:
            pass
    time.sleep(0.01)


todo = drawn.jobs("moths", Moths().scenes(72, 4), 200, 9000, 60)
alone = {j.keys: r for j, r in Local(1).run(todo)}
made = Ray(2, sys.argv[1])
for _ in range(60):
    try:
        made.start({})
        break
    except ConnectionError:
        time.sleep(0.5)
done = {}
for j, results in made.run(todo):
    done[j.keys] = results
    if len(done) == 1:
        os.kill(next(filter(None, (at_work() for _ in range(500)))), signal.SIGKILL)
made.stop()
print("same", done == alone)
"""


@pytest.mark.slow
def test_ray_does_what_local_does_also_when_a_worker_is_killed(cluster, tmp_path, environment):
    (tmp_path / "run.py").write_text(RAY)
    port = cluster.partition(":")[2]
    command = [sys.executable, tmp_path / "run.py", cluster, port]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith("same True\n"), "after a worker was killed"


def test_ray_needs_an_address_and_a_cluster(environment):
    with pytest.raises(ValueError, match="needs the address of a cluster"):
        engine["ray"].thing(2, "")
    with pytest.raises(ValueError, match="'local' has no address"):
        engine["local"].thing(2, "here:1")

"""A robot plays every study that ships, end to end, through real sockets; their clocks run faster here."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from game import registry
from game.verify import verify
from server.blobs import Blobs
from server.robot import Robot, start
from server.store_sqlite import SqliteStore
from tests.server.process import Process

pytestmark = pytest.mark.slow
SHIPPED = {path.parent.name: path.parent for path in Path(str(registry.folder("game.studies"))).glob("*/study.toml")}
CLOCKS = {"auto_s": "handover|arrangement|veto|ai_defers", "veto_s": "veto", "delay_s": "delayed"}
PACK = re.compile(r'^pack = "(?:\.\./)?(?:(\w+)/)?pack"$', re.MULTILINE)
FASTER = re.compile(r"^(delay_s|auto_s|wait_s|veto_s) = [\d.]+$", re.MULTILINE)


def quick(source: Path, folder: Path) -> Path:
    """Copy a study; what takes seconds takes a tenth of one."""
    text = (source / "study.toml").read_text("utf-8")
    text = FASTER.sub(r"\1 = 0.1", text)
    for name, workflows in CLOCKS.items():
        if f"{name} =" not in text:
            text = re.sub(rf'^workflow = "({workflows})"$', rf"\g<0>\n{name} = 0.1", text, flags=re.MULTILINE)
    text = re.sub(
        r'^pack = "(?:\.\./)?(?:(\w+)/)?pack"$',
        lambda m: f'pack = "coplay:{m[1] or source.name}"',
        text,
        flags=re.MULTILINE,
    )
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(text, "utf-8")
    shutil.copytree(source / "texts", folder / "texts")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    base = tmp_path_factory.mktemp("templates")
    folders = [quick(source, base / name) for name, source in sorted(SHIPPED.items())]
    process = Process(folders, base / "data", prefix="simulated")
    yield process, base / "data"
    process.stop()


def test_every_study_is_played_to_its_end_by_robots(served):
    process, data = served
    who = registry.player["random"].thing

    def play(name: str) -> tuple[str, str]:
        return name, Robot(process.base, start(f"{process.base}/s/{name}"), who, Random(name)).run()

    names = {path.name: (path / "study.toml").read_text() for path in SHIPPED.values()}
    named = {folder: re.search(r'^name = "(.*)"$', text, re.MULTILINE)[1] for folder, text in names.items()}
    with ThreadPoolExecutor(6) as pool:
        ends = dict(pool.map(play, named.values()))
    gates = {"end/completed", "end/failed_comprehension", "end/failed_attention"}
    assert {name: end for name, end in ends.items() if end not in gates and "come_back" not in end} == {}
    assert sum(end == "end/completed" for end in ends.values()) > len(ends) / 2
    store = SqliteStore(data / "coplay.db")
    heads = list(store.heads("simulated/"))
    assert len(heads) == len(ends)
    broken = [head.stream for head in heads if not verify(store.read(head.stream), Blobs(data / "blobs").get).sound]
    store.close()
    assert broken == []

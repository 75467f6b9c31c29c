"""The registry: whole for whoever asks, at whatever moment, from whichever thread."""

import sys
import textwrap
import threading

import pytest

from game.registry import Registry, Unknown

FILES = {
    "a": "import time; time.sleep(0.05)\n@here('a')\ndef a(): ...",
    "b": "assert 'a' in here\nassert 'c' not in here  # a file may ask for what is there so far\n@here('b')\ndef b(): ...",
    "c": "import time; time.sleep(0.05)\n@here('c')\ndef c(): ...",
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A registry of a folder whose files take their time."""
    package = tmp_path / "listed_here"
    package.mkdir()
    registry = Registry("thing", "listed_here")
    head = "from game import registry\nhere = registry.of_this_test\n"
    (package / "__init__.py").write_text("")
    for name, text in FILES.items():
        (package / f"{name}.py").write_text(head + textwrap.dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("game.registry.of_this_test", registry, raising=False)
    yield registry
    for name in [name for name in sys.modules if name.startswith("listed_here")]:
        del sys.modules[name]


def test_threads_that_ask_at_once_all_see_the_whole_list(made):
    seen, gate = [], threading.Barrier(8)

    def ask():
        gate.wait()
        seen.append(made.names())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("a", "b", "c")] * 8


def test_a_broken_file_is_told_each_time_and_leaves_no_half_list_in_silence(made, tmp_path):
    (tmp_path / "listed_here" / "d.py").write_text("raise RuntimeError('no d today')")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no d today"):
            made["a"]


def test_an_unknown_name_says_which_there_are(made):
    with pytest.raises(Unknown, match="no thing is called 'aa'; did you mean 'a'\\? Known: a, b, c"):
        made["aa"]

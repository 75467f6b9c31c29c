"""What a stranger's machine may lack is named, with the line that installs it and exit code 3."""

import json
import subprocess
import sys

import pytest

from tools import bootstrap


def leaves(what, capsys):
    with pytest.raises(SystemExit) as left:
        what()
    assert left.value.code == bootstrap.ENVIRONMENT
    return capsys.readouterr().err


def only(monkeypatch, *commands):
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: name if name in commands else None)


def test_an_old_python_is_named(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "version_of", lambda python: (3, 9))
    only(monkeypatch, "apt-get")
    said = leaves(bootstrap.find_python, capsys)
    assert "Python 3.11 or newer" in said
    assert "this is Python 3.9" in said
    assert "apt-get install -y python3.11 python3.11-venv" in said


def test_a_missing_venv_is_named(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "version_of", lambda python: (3, 12))
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda argv, **_: subprocess.CompletedProcess(argv, 1))
    only(monkeypatch, "apt-get")
    assert "apt-get install -y python3.12-venv" in leaves(bootstrap.find_python, capsys)


def test_another_package_manager_gets_its_own_line(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "version_of", lambda python: None)
    only(monkeypatch, "brew")
    assert "brew install python@3.12" in leaves(bootstrap.find_python, capsys)


@pytest.mark.slow
def test_this_python_is_found():
    assert bootstrap.find_python() == sys.executable


def test_system_packages_are_named_where_they_may_not_be_installed(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "present", lambda names: "nginx" not in names)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    only(monkeypatch, "apt-get")
    said = leaves(bootstrap.prepare_system, capsys)
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends nginx" in said


def test_system_packages_that_are_there_are_left_alone(monkeypatch):
    monkeypatch.setattr(bootstrap, "present", lambda names: True)
    monkeypatch.setattr(bootstrap, "do", lambda *_, **__: pytest.fail("nothing is to be done"))
    bootstrap.prepare_system()


def test_what_fails_is_shown(capsys):
    code = "import sys; sys.exit('no space left on device')"
    said = leaves(lambda: bootstrap.do("try", [sys.executable, "-c", code]), capsys)
    assert "no space left on device" in said


@pytest.fixture
def clone(monkeypatch, tmp_path):
    """A folder with the stamps' files, where nothing is really installed; returns the list of what would be."""
    folder = tmp_path / "a clone"
    for name, place in {"ROOT": "", "VENV": ".venv", "STATIC": "static"}.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(bootstrap, name, folder / place)
    monkeypatch.setattr(bootstrap, "STAMP", folder / ".venv/coplay.json")
    monkeypatch.setattr(bootstrap, "NODE_STAMP", folder / "static/node_modules/.coplay.json")
    (folder / "pyproject.toml").write_text("[project]")
    (folder / "static/package-lock.json").write_text("{}")
    (folder / ".venv/bin").mkdir()
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    done = []
    monkeypatch.setattr(bootstrap, "do", lambda what, argv, **_: done.append(what))
    monkeypatch.setattr(bootstrap, "npm", lambda: (["npm"], {}))
    return done


def test_nothing_is_done_twice(clone):
    for _ in range(2):
        bootstrap.prepare_python("play")
        bootstrap.prepare_browser_libraries("play")
    assert clone == ["install coplay", "fetch the browser libraries"]


def test_a_changed_project_is_installed_again(clone):
    bootstrap.prepare_python("play")
    (bootstrap.ROOT / "pyproject.toml").write_text("[project] # more")
    bootstrap.prepare_python("play")
    assert clone == ["install coplay", "install coplay"]


def test_what_the_tests_need_is_enough_to_play(clone):
    bootstrap.prepare_python("test")
    bootstrap.prepare_browser_libraries("test")
    count = len(clone)
    bootstrap.prepare_python("play")
    bootstrap.prepare_python("check")
    bootstrap.prepare_browser_libraries("play")
    assert len(clone) == count
    assert clone[0] == f"install {bootstrap.TORCH}"


@pytest.mark.slow
def test_a_clone_that_moved_gets_a_new_environment(clone):
    bootstrap.prepare_python("play")
    stamp = json.loads(bootstrap.STAMP.read_text())
    bootstrap.STAMP.write_text(json.dumps(stamp | {"root": "/elsewhere", "key": "another"}))
    bootstrap.prepare_python("play")
    assert clone == ["install coplay", "make the environment", "install coplay"]

"""The house as decided in docs: sizes, arrows, purity, names. A rule that is not tested here is only a wish."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("game", "server", "ai")
FILE_LINES, FUNCTION_LINES, FOLDERS = 300, 40, 2
DEEPER = {
    "server/report/figures",
    "server/report/importers",
    "server/report/inference",
    "server/report/lab",
    "server/report/page",
}
"""Folders below the second level, each decided on."""
GENERATED = {"static/types.d.ts"}
INLINE = re.compile(
    r"""\sstyle=["'$]|<script(?![^>]*\s(?:src=|type="application/json"))"""
    r"""|<[a-z][^>]*\son[a-z]+=|javascript:|<style"""
)
"""What the content policy forbids. A data block (JSON) is never run: no policy is about it."""
BANNED_MODULES = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
HEAVY = ("torch", "captum", "pandas", "matplotlib", "statsmodels", "scipy")
GAME_MAY_NOT_IMPORT = {
    "asyncio", "io", "locale", "multiprocessing", "os", "pathlib", "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip


@cache
def sources(*suffixes, below=("game", "server", "ai", "static", "deploy", "tools", "tests")):
    """Files of ours with one of the suffixes: nothing installed, nothing generated."""
    found = [path for folder in below for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    ours = [path for path in found if not {"node_modules", "__pycache__"} & set(path.parts)]
    return [path for path in ours if path.relative_to(ROOT).as_posix() not in GENERATED]


def python(*below):
    return sources(".py", below=below)


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """Dotted names that a file imports, with what it takes from them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_file_is_longer_than_the_ceiling():
    files = sources(".py", ".js", ".css", ".html")
    long = {name(path): count for path in files if (count := len(path.read_text("utf-8").splitlines())) > FILE_LINES}
    assert not long, f"split by noun, at most {FILE_LINES} lines: {long}"


def test_no_function_is_longer_than_the_ceiling():
    long = {}
    for path in python(*PACKAGES, "tools", "deploy"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body  # what it does, not what it is given
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if lines > FUNCTION_LINES:
                    long[f"{name(path)}:{node.name}"] = lines
    assert not long, f"at most {FUNCTION_LINES} lines: {long}"


def test_folders_are_not_deeper_than_two():
    folders = {name(path.parent) for path in sources(".py", ".js", ".css", below=(*PACKAGES, "static"))}
    assert {folder for folder in folders if folder.count("/") >= FOLDERS} <= DEEPER


def test_no_module_has_a_name_that_means_nothing():
    assert not [name(path) for path in sources(".py", ".js") if path.stem in BANNED_MODULES]


def test_server_and_ai_meet_only_in_game():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_serving_leaves_heavy_libraries_out(tmp_path):
    code = (
        "import importlib, pkgutil, sys, server\n"
        "names = [module.name for module in pkgutil.walk_packages(server.__path__, 'server.')]\n"
        "for name in sorted(names, key=lambda name: name != 'server.wsgi'): importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = run_python(code, COPLAY_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert not done.stdout.split()


def run_python(code, **variables):
    env = {**os.environ, **variables}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("module", ["ai", "ai.cli", "ai.pack"])
def test_torch_waits_until_it_is_used(module):
    if not (ROOT / "ai" / "cli.py").exists():
        pytest.skip("ai/cli.py is not there yet")
    code = f"import sys, {module}; print('torch' in sys.modules)"
    done = run_python(code)
    assert done.stdout.strip() == "False", done.stderr


def test_only_settings_reads_the_environment():
    readers = set()
    for path in python(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
                readers.add(name(path))
        readers |= {name(path) for taken in imports(path) if taken in {"os.environ", "os.getenv"}}
    assert readers <= {"server/settings.py"}


def test_only_the_registry_imports_by_folder():
    door = ("pkgutil", "importlib.resources", "importlib.abc")
    users = {name(path) for path in python(*PACKAGES) for taken in imports(path) if taken.startswith(door)}
    assert users <= {"game/registry.py"}


def test_game_is_pure():
    found = []
    for path in python("game"):
        if name(path) == "game/registry.py":
            continue
        found += [f"{name(path)} imports {n}" for n in imports(path) if n.split(".")[0] in GAME_MAY_NOT_IMPORT]
        found += [
            f"{name(path)} imports {n}" for n in imports(path) if n.startswith("random.") and n != "random.Random"
        ]
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"open", "print", "input"}
            ):
                found.append(f"{name(path)}:{node.lineno} calls {node.func.id}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                told = (node.value.id, node.attr)
                drawn = told[0] == "random" and told[1] != "Random"
                if drawn or told in {("datetime", "now"), ("date", "today"), ("datetime", "utcnow")}:
                    found.append(f"{name(path)}:{node.lineno} uses {'.'.join(told)}")
    assert not found, found


def test_numpy_stays_in_the_measures():
    users = {name(path) for path in python("game") for taken in imports(path) if taken.split(".")[0] == "numpy"}
    assert all(user.startswith("game/measures/") for user in users), users


def rivals():
    """Forbidden words of the glossary and the word to use instead."""
    found = {}
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0] not in {"word", "---"}:
            found |= {rival.strip(): cells[0] for rival in cells[2].split(",") if rival.strip()}
    return found


def defined(path):
    """Names that a file gives to things."""
    yield path.stem
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=given) | ast.AsyncFunctionDef(name=given) | ast.ClassDef(name=given):
                yield given
            case ast.arg(arg=given) | ast.Name(id=given, ctx=ast.Store()):
                yield given


def test_nothing_is_called_by_a_rival_of_its_word():
    words, found = rivals(), set()
    assert len(words) > 15, "the glossary's tables could not be read"
    for path in python(*PACKAGES, "tools"):
        if "importers" in path.parts:
            continue  # they read other people's tables, which have other people's words
        for given in defined(path):
            parts = set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", given).lower().split("_"))
            for part in parts | {part.removesuffix("s") for part in parts}:
                if part in words:
                    found.add(f"{name(path)}: {given} (say {words[part]})")
    assert not found, sorted(found)


def test_pages_have_no_inline_style_or_script():
    wrong = []
    for path in sources(".html", ".js", below=("server", "static")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if INLINE.search(line):
                wrong.append(f"{name(path)}:{number} {line.strip()}")
    assert not wrong, "the content policy forbids these: " + "\n".join(wrong)


def test_blocks_know_no_condition():
    wrong = []
    for path in sources(".js", below=("static/blocks",)):
        code = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        for number, line in enumerate(code.splitlines(), 1):
            bare = re.sub(r""""[^"]*"|'[^']*'""", "", re.sub(r"//.*", "", line))
            if re.search(r"\b(condition|arm|truth)\b(?!:)", bare):
                wrong.append(f"{name(path)}:{number} {line.strip()}")
    assert not wrong, f"view() decides, blocks draw: {wrong}"


def test_no_file_names_the_machine_it_was_written_on():
    pattern = re.compile(r"(?<![\w.:}])/(?:root|Users|hom[e]|wor[k])/[\w.]")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    wrong = []
    for file in filter(None, done.stdout.split("\0")):
        try:
            text = (ROOT / file).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        wrong += [f"{file}: {found.group()}" for found in pattern.finditer(text)]
    assert not wrong, wrong

"""The documentation names what exists, and what it names exists."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from tools import generated, reference, snapshots

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def assert_named(page, names):
    text = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")
    missing = [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
    assert not missing, f"docs/reference/{page}.md does not name {missing}: run `python -m tools.reference`"


def test_the_reference_is_as_the_code():
    wrong = generated.stale(reference.write(), only=reference.FOLDER)
    assert not wrong, f"{wrong} out of date: run `python -m tools.reference`"


@pytest.mark.parametrize("kind", sorted(reference.REGISTRIES))
def test_every_registered_thing_is_named(kind):
    registry = reference.registry(kind)
    if not reference.folder_exists(kind):
        pytest.skip(f"{registry.package} is not there yet")
    assert_named(reference.PAGES.get(kind, (f"{kind}s", ""))[0], registry.names())


@pytest.mark.parametrize("page", sorted(reference.UNIONS))
def test_every_kind_is_named(page):
    unions = [snapshots.find(path) for _, path in reference.UNIONS[page][1]]
    assert_named(page, [reference.tag(member) for union in unions for member in get_args(union)])


def test_every_refusal_is_named():
    from game.rules import CODES

    assert_named("codes", CODES)


def test_every_setting_is_named():
    settings = pytest.importorskip("server.settings")
    assert_named("settings", settings.Settings.__struct_fields__)


def test_every_command_is_named():
    if found := reference.commands():
        assert_named("commands", [f"coplay {name}" for name in found])


def test_every_code_that_is_used_is_explained():
    from game.rules import CODES

    used = set()
    for path in [*(ROOT / "game").rglob("*.py"), *(ROOT / "server").rglob("*.py")]:
        used |= set(re.findall(r'Refused\("(\w+)"', path.read_text(encoding="utf-8")))
    assert used <= set(CODES)


def test_the_readme_says_only_what_can_be_typed():
    targets = set(re.findall(r"^(\w+):", read("Makefile"), flags=re.MULTILINE))
    text = read("README.md") + read("CONTRIBUTING.md")
    assert {"play", "test"} <= set(re.findall(r"\bmake (\w+)", text)) <= targets
    listed = tomllib.loads(read("pyproject.toml"))["project"]["entry-points"]["coplay.commands"]
    assert set(re.findall(r"`coplay (\w+)", text)) <= set(listed)


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/index.md", "deploy/README.md", "docs/glossary.md"]
)
def test_links_lead_somewhere(page):
    here = (ROOT / page).parent
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", read(page)) if "://" not in link]
    missing = [link for link in links if link and not (here / link).exists()]
    assert not missing, f"{page}: {missing}"


def test_paths_in_the_readme_exist():
    named = re.findall(r"`((?:game|server|ai|static|tests|docs|deploy|tools)/[\w./]*\w\.\w+)`", read("README.md"))
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


@pytest.mark.parametrize("folder", ["decisions", "how-to"])
def test_every_page_is_listed(folder):
    index = read("docs/index.md")
    assert not [p.name for p in (ROOT / "docs" / folder).glob("*.md") if f"{folder}/{p.name}" not in index]


def test_one_version():
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"version: {version}" in read("CITATION.cff")
    assert f"## {version}" in read("CHANGELOG.md")

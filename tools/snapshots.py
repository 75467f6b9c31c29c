"""Snapshots of the public schemas: `python -m tools.snapshots --write`. What people store is never changed by accident.

Adding an optional field or a new kind is neutral. Anything else needs a higher version beside it, and an upcaster where
logs are concerned; `--write` refuses otherwise.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "snapshots"


class Schema(NamedTuple):
    """A public schema: where its type (or tuple of types) is, and where the version is that guards it."""

    type: str
    version: str


SCHEMAS: dict[str, Schema] = {
    "events": Schema("game.events:SessionEvent", "game.events:VERSIONS"),
    "study_events": Schema("game.events:StudyEvent", "game.events:VERSIONS"),
    "row": Schema("game.log:Row", "game.events:CORE"),
    "plan": Schema("game.plan:Script", "game.events:CORE"),
    "view": Schema("game.screen:View", "game.events:CORE"),
    "pack": Schema("game.pack:Manifest", "game.pack:FORMAT"),
    "round": Schema("game.rounds:Round", "game.rounds:VERSION"),
    "rounds_header": Schema("game.roundsfile:Header", "game.round:VERSION"),
    "log_header": Schema("game.logfile:Header", "game.logfile:VERSION"),
    "estimate": Schema("game.estimate:Estimate", "game.events:CORE"),
    "study": Schema("game.study:Study", "game.study:FORMAT"),
    "lab": Schema("game.lab:Lab", "game.lab:VERSION"),
    "lab_items": Schema("game.lab:Items", "game.lab:VERSION"),
    "command": Schema("game.commands:PlayCommand", "game.events:CORE"),
    "wire_client": Schema("server.wire:CLIENT", "server.wire:VERSION"),
    "wire_server": Schema("server.wire:SERVER", "server.wire:VERSION"),
}
"""One line adds a schema."""


def exists(path: str) -> bool:
    """Tell whether the module of "module:name" is there yet."""
    module = ""
    for part in path.partition(":")[0].split("."):
        module = f"{module}.{part}" if module else part
        if importlib.util.find_spec(module) is None:
            return False
    return True


def find(path: str) -> Any:
    """Return the object at "module:name"."""
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def plain(value: Any) -> Any:
    """Drop what does not change the meaning of a schema: descriptions and titles; sort what is a set."""
    if isinstance(value, dict):
        kept = {key: plain(part) for key, part in value.items() if key != "description" and not _is_title(key, part)}
        return {
            key: sorted(part) if key == "required" and isinstance(part, list) else part
            for key, part in sorted(kept.items())
        }
    return [plain(part) for part in value] if isinstance(value, list) else value


def _is_title(key: str, part: Any) -> bool:
    return key == "title" and isinstance(part, str)


@functools.cache
def present(name: str) -> dict[str, Any]:
    """Return the schema as the code has it now, with its version."""
    schema = SCHEMAS[name]
    version: Any = find(schema.version)
    kind: Any = find(schema.type)
    root, parts = msgspec.json.schema_components(kind if isinstance(kind, tuple) else [kind])
    version = dict(version) if isinstance(version, dict) else version
    made = {"version": version, "type": schema.type, "schema": plain({"root": list(root), "parts": parts})}
    return json.loads(json.dumps(made))


def recorded(name: str) -> dict[str, Any] | None:
    """Return the snapshot, or None before the first."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def neutral(old: Any, new: Any) -> bool:
    """Tell whether everything that `old` allows, `new` allows too, and demands no more."""
    if isinstance(old, dict) and isinstance(new, dict):
        if _demands(old) != _demands(new):
            return False
        return all(key in new and neutral(part, new[key]) for key, part in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return all(part in new or any(neutral(part, other) for other in new) for part in old)
    return old == new


def _demands(schema: dict[str, Any]) -> list[str]:
    """Return the names a schema requires; a property may itself be called "required"."""
    names = schema.get("required", [])
    return sorted(names) if isinstance(names, list) else []


def trouble(name: str) -> str:
    """Return what is wrong with a snapshot and what to do, or ""."""
    old, new = recorded(name), present(name)
    if old == new:
        return ""
    command = "python -m tools.snapshots --write"
    if old is None:
        return f"{name} has no snapshot yet: run `{command}` and commit it"
    if old["version"] == new["version"] and not neutral(old["schema"], new["schema"]):
        schema = SCHEMAS[name]
        return (
            f"{schema.type} changed in a way that old files do not fit, but {schema.version} is still "
            f"{new['version']}: bump it (events: and write an upcaster in game/log.py), or change the struct by adding only; "
            f"then run `{command}`. What nobody has stored yet may be recorded anew: delete tests/snapshots/{name}.json first."
        )
    return f"{name} changed: look at the difference, run `{command}` and commit it with the change"


def write() -> int:
    """Write the snapshots whose change is allowed; 1 when one is not."""
    FOLDER.mkdir(exist_ok=True)
    code = 0
    for name, schema in SCHEMAS.items():
        if not exists(schema.type):
            continue
        why = trouble(name)
        if "still" in why:
            print(why, file=sys.stderr)
            code = 1
        elif why:
            text = json.dumps(present(name), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
            print(f"wrote tests/snapshots/{name}.json", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(write() if "--write" in sys.argv[1:] else max(bool(trouble(name)) for name in SCHEMAS))

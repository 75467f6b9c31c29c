"""The public schemas are as they were, or their version says that they are not. The table is in tools/snapshots.py."""

import copy

import pytest

from tools import snapshots


@pytest.mark.parametrize("name", sorted(snapshots.SCHEMAS))
def test_the_schema_is_as_recorded(name):
    if not snapshots.exists(snapshots.SCHEMAS[name].type):
        pytest.skip(f"{snapshots.SCHEMAS[name].type} is not there yet")
    assert not snapshots.trouble(name), snapshots.trouble(name)


def test_nobody_records_what_no_longer_exists():
    assert {path.stem for path in snapshots.FOLDER.glob("*.json")} <= set(snapshots.SCHEMAS)


def events():
    return copy.deepcopy(snapshots.present("events")["schema"])


def test_a_new_optional_field_is_neutral():
    grown = events()
    grown["parts"]["Answered"]["properties"]["hand"] = {"type": "string", "default": ""}
    assert snapshots.neutral(events(), grown)
    assert not snapshots.neutral(grown, events())


def test_a_new_demand_is_not_neutral():
    grown = events()
    grown["parts"]["Answered"]["properties"]["hand"] = {"type": "string"}
    grown["parts"]["Answered"]["required"].append("hand")
    assert not snapshots.neutral(events(), grown)


def test_another_type_is_not_neutral():
    changed = events()
    changed["parts"]["Answered"]["properties"]["stage"] = {"type": "integer"}
    assert not snapshots.neutral(events(), changed)

"""What the parameters of every explanation method keep to. A new file in ai/explainers is tested here without another word."""

import inspect
import math

import pytest

from ai.parameters import KINDS, checked, ranges
from game.registry import explainer

NAMES = explainer.names()


def far_from(range_, default):
    """Return numbers beyond both ends of a range, as far as it has any."""
    kind, step = type(default), 0 if range_.open else 1
    ends = [end + sign * step for end, sign in ((range_.least, -1), (range_.most, 1)) if math.isfinite(end)]
    return [kind(end) for end in ends]


def declared(name):
    """Return a method's parameters: name, default, and what is allowed."""
    known = inspect.signature(explainer[name].thing).parameters
    return [(k, known[k].default, range_) for k, range_ in ranges(explainer[name]).items()]


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_say_what_they_may_be(name):
    for key, default, range_ in declared(name):
        assert type(default) in KINDS, f"{key} has no default, or one that tells no type"
        assert isinstance(default, bool) or range_.holds(default), f"{key} is not allowed its own default"
        if type(default) in (int, float):
            assert str(range_), f"say what {key} may be: a name in ai/allowed.py, or allowed={{...}} in the decorator"


@pytest.mark.parametrize("name", NAMES)
def test_it_refuses_a_wrong_parameter_by_name(name):
    method, wrong = explainer[name], {bool: ("yes", 1), int: (1.5, "1", True), float: ("1", True), str: (1, False)}
    with pytest.raises(ValueError, match=f"'{name}' has no parameter 'no_such_thing'"):
        checked(method, {"no_such_thing": 1})
    for key, default, range_ in declared(name):
        others = [*wrong[type(default)], None, *([math.nan, math.inf] if type(default) is float else [])]
        others += far_from(range_, default) if type(default) in (int, float) else []
        others += ["no such word"] if range_.words else []
        for value in others:
            with pytest.raises(ValueError, match=rf"^{name}\.{key} is .*, not |^{name}\.{key} is true or false, not "):
                checked(method, {key: value})

"""Where people do all the same, rounding alone is no variance; and a specimen that helps most and changes least is listed once."""

from msgspec.structs import replace

from server.report.figures.grid import listed
from server.report.inference.comparison import compare
from server.report.inference.marginal import gee
from server.report.inference.small import small_clusters
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.tables import Bootstrap


def alike(one_round):
    """Five people who are right in 7 of 12 rounds of both conditions."""
    return [
        one_round(n, f"p{who}", correct=n % 12 < 7, condition="map" if n < 12 else "plain")
        for who in range(5)
        for n in range(24)
    ]


def test_people_who_are_alike_leave_no_variance(one_round):
    side = compare(alike(one_round), "accuracy", "map", "plain")
    for method in (small_clusters, gee):
        made = method(side)
        assert made.undefined_because == "the clusters leave no variance to judge by", made.name


def test_people_alike_in_the_reference_alone_are_no_hindrance(one_round):
    """The intercept has no variance, and rounding may leave less than none; the contrast has one."""
    rounds = [
        each if each.condition == "plain" else replace(each, correct=each.round < 5 + int(each.participant[1:]))
        for each in alike(one_round)
    ]
    for count in (5, 50):
        people = [
            replace(each, participant=f"{each.participant}-{copy}") for copy in range(count // 5) for each in rounds
        ]
        made = gee(compare(people, "accuracy", "map", "plain"))
        assert made.defined
        assert made.low < made.estimate < made.high


def test_a_specimen_is_listed_once(one_round):
    alone = {"protocol": "alone", "condition": "solo", "ai_shown": False, "ai_correct": None, "followed": None}
    rounds = [one_round(n, "p1") for n in (1, 2, 3)] + [one_round(n, "p2", correct=n > 1, **alone) for n in (1, 2, 3)]
    names = [item.specimen for item, _ in listed(story(Gathered(rounds=rounds), Bootstrap(1, 0)))]
    assert sorted(names) == ["x1", "x2", "x3"]

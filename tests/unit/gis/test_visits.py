import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.visits import VisitParameters, Visits, find_visits

EVERY_S = 10
Found = list[tuple[int, int, int]]


def visits(
    places: str, *, every_s: int = EVERY_S, maps: str | None = None
) -> list[tuple[str, int, int]]:
    """Places as letters, "." for none, a fix every ten seconds. Each visit as place, from, to."""
    t_s = np.arange(len(places)) * float(every_s)
    found = find_visits(
        t_s,
        np.array([0 if place == "." else ord(place) for place in places], np.int64),
        map_number=None if maps is None else np.array([*map(ord, maps)]),
    )
    return [
        (chr(p), first, last)
        for p, first, last in zip(found.place, found.first, found.last, strict=True)
    ]


def test_whoever_stays_has_visited() -> None:
    assert visits("AAAAAAAAABBBBBBBBB") == [("A", 0, 8), ("B", 9, 17)]


def test_whoever_walks_along_a_border_does_not_flap() -> None:
    assert visits("AAAAAAAABABBABABBAAAAAAAA") == [("A", 0, 24)]
    assert visits("ABABABABABABABAB") == [("A", 0, 14)]  # the last fix of it that was inside


def test_whoever_only_passes_through_has_not_visited() -> None:
    assert visits("AAAAAAAABBBCCCCCCCC") == [("A", 0, 7), ("C", 11, 18)]
    assert visits("ABBBBBBBB") == [("B", 1, 8)]


def test_being_nowhere_is_no_visit_and_ends_one() -> None:
    assert visits("AAAAAAAA........AAAAAAAA") == [("A", 0, 7), ("A", 16, 23)]
    assert visits("AAAAAAAA..AAAAAAAA") == [("A", 0, 17)]
    assert visits("........") == []


def test_a_long_silence_ends_a_visit() -> None:
    t_s = np.array([0, 60, 120, 2000, 2060, 2120.0])
    found = find_visits(t_s, np.full(6, 1))
    assert found.first.tolist() == [0, 3]


def test_another_map_begins_anew() -> None:
    assert visits("AAAAAAAAAAAAAAAA", maps="1111111122222222") == [("A", 0, 7), ("A", 8, 15)]


@given(places=st.text("AB.", max_size=60))
def test_without_a_dwell_every_fix_in_a_place_is_in_one_visit(places: str) -> None:
    t_s = np.arange(len(places)) * 10.0
    place = np.array([0 if each == "." else ord(each) for each in places], np.int64)
    found: Visits = find_visits(t_s, place, parameters=VisitParameters(dwell_s=0.0))
    inside = np.flatnonzero(place).tolist()
    assert [
        fix
        for first, last in zip(found.first.tolist(), found.last.tolist(), strict=True)
        for fix in range(first, last + 1)
    ] == inside
    assert found.fixes.sum() == len(inside)


@given(places=st.text("AB.", max_size=80))
def test_visits_do_not_overlap_and_count_the_fixes_that_were_there(places: str) -> None:
    t_s = np.arange(len(places)) * 10.0
    place = np.array([0 if each == "." else ord(each) for each in places], np.int64)
    found = find_visits(t_s, place)
    assert np.all(found.first[1:] > found.last[:-1])
    for where, first, last, fixes in zip(
        found.place, found.first, found.last, found.fixes, strict=True
    ):
        assert place[first] == place[last] == where
        assert np.count_nonzero(place[first : last + 1] == where) == fixes
        assert t_s[last] - t_s[first] >= 60

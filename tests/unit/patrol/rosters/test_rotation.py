"""Which team has which shift: never two at once, and the cycle goes round."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window
from patrol.rosters.rotation import (
    Gap,
    Rotation,
    coverage_of,
    gaps_in,
    json_to_rotation,
    rotation_to_json,
    turns_between,
)

DAY = timedelta(days=1)
ROUND_THE_CLOCK = (
    Window(begins=time(8), ends=time(16)),
    Window(begins=time(16), ends=time(0)),
    Window(begins=time(0), ends=time(8)),
)
THREE_DAYS = (("A", "B", "C"), ("B", "C", "A"), ("C", "A", "B"))


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=LOCAL).astimezone(UTC)


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def rotations(draw: st.DrawFn) -> Rotation:
    """Shifts between some of the minutes of a day, taken in their order around the clock."""
    cuts = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), min_size=1, max_size=8)))
    windows = [
        Window(begins=clock(begin), ends=clock(end))
        for begin, end in zip(cuts, [*cuts[1:], cuts[0]], strict=True)
    ]
    shifts = draw(st.permutations(windows))[: draw(st.integers(1, len(windows)))]
    day = st.tuples(*[st.sampled_from(["A", "B", "C", None])] * len(shifts))
    return Rotation(
        shifts=tuple(shifts),
        cycle=tuple(draw(st.lists(day, min_size=1, max_size=7))),
        begins_on=draw(st.dates(date(2020, 1, 1), date(2030, 1, 1))),
    )


instants = st.integers(0, 10 * 366 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def test_teams_take_turns_round_the_clock() -> None:
    rotation = Rotation(shifts=ROUND_THE_CLOCK, cycle=THREE_DAYS, begins_on=date(2026, 11, 27))
    turns = list(turns_between(rotation, at("2026-11-27 00:00"), at("2026-11-29 00:00")))
    assert [(f"{turn.begins_at.astimezone(LOCAL):%d %H:%M}", turn.team) for turn in turns] == [
        ("27 00:00", "C"),
        ("27 08:00", "A"),
        ("27 16:00", "B"),
        ("28 00:00", "A"),
        ("28 08:00", "B"),
        ("28 16:00", "C"),
    ]
    assert all(turn.ends_at - turn.begins_at == timedelta(hours=8) for turn in turns)
    assert gaps_in(rotation) == []


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = Rotation(
        shifts=(Window(begins=time(20), ends=time(8)),),
        cycle=(("A",), (None,)),
        begins_on=date(2026, 11, 27),
    )
    [turn] = turns_between(night, at("2026-11-27 12:00"), at("2026-11-29 12:00"))
    assert (turn.begins_at, turn.ends_at) == (at("2026-11-27 20:00"), at("2026-11-28 08:00"))
    assert gaps_in(night) == [
        Gap(day=1, from_min=0, to_min=20 * 60),
        Gap(day=2, from_min=8 * 60, to_min=24 * 60),
    ]
    assert (coverage_of(night).reached, coverage_of(night).required) == (12 * 60, 48 * 60)


def test_the_last_night_of_a_cycle_reaches_into_its_first_day() -> None:
    night = Rotation(
        shifts=(Window(begins=time(20), ends=time(8)),), cycle=(("A",),), begins_on=date(2026, 1, 1)
    )
    assert gaps_in(night) == [Gap(day=1, from_min=8 * 60, to_min=20 * 60)]


def test_a_shift_may_last_the_whole_day() -> None:
    whole = Window(begins=time(8), ends=time(8))
    rotation = Rotation(shifts=(whole,), cycle=(("A",), ("B",)), begins_on=date(2026, 11, 27))
    assert gaps_in(rotation) == []


@given(rotations(), instants, spans)
def test_no_instant_has_two_teams(rotation: Rotation, since: datetime, length: timedelta) -> None:
    turns = list(turns_between(rotation, since, since + length))
    for one, following in pairwise(turns):
        assert one.begins_at < one.ends_at <= following.begins_at
    for turn in turns:
        assert since <= turn.begins_at < since + length
        assert turn.begins_at.tzinfo is UTC


@given(rotations(), instants, spans)
def test_the_cycle_repeats(rotation: Rotation, since: datetime, length: timedelta) -> None:
    later = len(rotation.cycle) * DAY
    turns = turns_between(rotation, since, since + length)
    again = turns_between(rotation, since + later, since + length + later)
    assert [(turn.begins_at + later, turn.ends_at + later, turn.team) for turn in turns] == [
        (turn.begins_at, turn.ends_at, turn.team) for turn in again
    ]


@given(rotations(), instants, spans, st.floats(0, 1))
def test_asked_in_parts_it_is_the_same(
    rotation: Rotation, since: datetime, length: timedelta, share: float
) -> None:
    middle, until = since + length * share, since + length
    assert [*turns_between(rotation, since, middle), *turns_between(rotation, middle, until)] == [
        *turns_between(rotation, since, until)
    ]


@given(rotations())
def test_a_minute_of_the_cycle_has_a_team_or_is_in_a_gap(rotation: Rotation) -> None:
    days = len(rotation.cycle)
    midnight = datetime.combine(rotation.begins_on, time(), LOCAL).astimezone(UTC)
    # A cycle later, so that its nights reach into the first day.
    begin, end = midnight + days * DAY, midnight + 2 * days * DAY
    held = sum(
        (min(turn.ends_at, end) - max(turn.begins_at, begin)) // timedelta(minutes=1)
        for turn in turns_between(rotation, begin - DAY, end)
        if turn.ends_at > begin
    )
    free = gaps_in(rotation)
    assert held == coverage_of(rotation).reached
    assert held + sum(gap.to_min - gap.from_min for gap in free) == days * 24 * 60
    assert all(0 <= gap.from_min < gap.to_min <= 24 * 60 for gap in free)
    assert free == sorted(free, key=lambda gap: (gap.day, gap.from_min))


@given(rotations())
def test_a_rotation_is_stored_as_it_is(rotation: Rotation) -> None:
    assert json_to_rotation(**rotation_to_json(rotation)) == rotation


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shifts": (), "cycle": ((),)}, "shifts"),
        ({"shifts": (ROUND_THE_CLOCK[0],) * 2, "cycle": (("A", "B"),)}, "shifts"),
        (
            {
                "shifts": (Window(begins=time(20), ends=time(8)), ROUND_THE_CLOCK[2]),
                "cycle": (("A", "B"),),
            },
            "shifts",
        ),
        ({"cycle": ()}, "cycle"),
        ({"cycle": (("A", "B"),)}, "cycle"),
        ({"cycle": (("A", "B", "C"),) * 32}, "cycle"),
    ],
)
def test_what_is_no_rotation_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Rotation(
            **{
                "shifts": ROUND_THE_CLOCK,
                "cycle": THREE_DAYS,
                "begins_on": date(2026, 1, 1),
                **fields,
            }
        )
    assert caught.value.field == field

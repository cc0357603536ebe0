"""Who came to a shift, by the times they were on duty."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from patrol.duty.sessions import Presence
from patrol.rosters.attendance import ShiftAttendance, attendance_in
from patrol.rosters.shift import shift_that_begins
from tests.unit.patrol.rosters.shifts import at, roster

SHIFT = shift_that_begins(roster(), (), at("27 16:00"))  # 4, 5 and 6, until midnight
AFTER = at("28 09:00")


def present(since: str, until: str | None) -> Presence:
    return Presence(since=at(since), until=None if until is None else at(until))


def attended(presence: dict[int, list[Presence]], now: datetime = AFTER) -> ShiftAttendance:
    attendance = attendance_in(SHIFT, presence, now)
    assert attendance is not None
    return attendance


def test_late_early_and_absent_are_told_apart() -> None:
    attendance = attended(
        {4: [present("27 15:50", "28 00:10")], 5: [present("27 16:20", "27 23:00")]}
    )
    leader, member, absent = attendance.people
    assert (leader.first_at, leader.late_min, leader.on_duty_min) == (at("27 16:00"), 0, 480)
    assert (member.first_at, member.late_min, member.on_duty_min) == (at("27 16:20"), 20, 400)
    assert (absent.is_absent, absent.late_min, absent.on_duty_min) == (True, None, 0)
    assert (attendance.complete.reached, attendance.complete.required) == (2, 3)
    assert (attendance.covered.reached, attendance.covered.required) == (480, 480)


def test_a_session_over_two_shifts_counts_in_each_for_its_part() -> None:
    presence = {each: [present("27 10:00", "27 20:00")] for each in range(1, 7)}
    morning = attendance_in(shift_that_begins(roster(), (), at("27 08:00")), presence, AFTER)
    assert morning is not None
    assert [each.on_duty_min for each in morning.people] == [360] * 3
    assert [each.late_min for each in morning.people] == [120] * 3
    assert [each.on_duty_min for each in attended(presence).people] == [240] * 3


def test_minutes_without_anybody_are_missing_from_the_cover() -> None:
    attendance = attended(
        {4: [present("27 16:00", "27 18:00")], 5: [present("27 17:00", "27 19:00")], 6: []}
    )
    assert (attendance.covered.reached, attendance.covered.required) == (180, 480)


def test_of_a_shift_under_way_what_has_passed_counts() -> None:
    attendance = attended({4: [present("27 17:00", None)]}, at("27 18:00"))
    assert attendance.people[0].on_duty_min == 60
    assert (attendance.covered.reached, attendance.covered.required) == (60, 120)
    begun = attended({}, at("27 16:00") + timedelta(seconds=30))
    assert begun.covered.rate is None


def test_nothing_is_told_of_a_shift_that_has_not_begun() -> None:
    assert attendance_in(SHIFT, {}, at("27 16:00")) is None


def test_who_went_and_came_again_was_there_twice() -> None:
    attendance = attended({4: [present("27 20:00", "27 21:00"), present("27 16:00", "27 17:00")]})
    assert (attendance.people[0].late_min, attendance.people[0].on_duty_min) == (0, 120)


def test_a_session_of_no_length_is_no_presence() -> None:
    assert attended({4: [present("27 17:00", "27 17:00")]}).people[0].is_absent


minutes = st.integers(-300, 900)
times = st.lists(
    st.tuples(minutes, minutes).map(
        lambda pair: Presence(
            since=SHIFT.begins_at + timedelta(minutes=min(pair)),
            until=SHIFT.begins_at + timedelta(minutes=max(pair)),
        )
    ),
    max_size=4,
)


@given(times, times, times, st.integers(1, 700))
def test_it_is_what_one_counts_minute_by_minute(
    leader: list[Presence], first: list[Presence], second: list[Presence], passed: int
) -> None:
    presence = dict(zip((4, 5, 6), (leader, first, second), strict=True))
    attendance = attended(presence, SHIFT.begins_at + timedelta(minutes=passed))

    def there(spans: list[Presence], minute: int) -> bool:
        moment = SHIFT.begins_at + timedelta(minutes=minute)
        return any(one.since <= moment and (not one.until or moment < one.until) for one in spans)

    end = min(passed, 480)
    for spans, each in zip(presence.values(), attendance.people, strict=True):
        counted = [minute for minute in range(end) if there(spans, minute)]
        assert each.on_duty_min == len(counted)
        assert each.late_min == (counted[0] if counted else None)
    anybody = sum(any(there(spans, m) for spans in presence.values()) for m in range(end))
    assert (attendance.covered.reached, attendance.covered.required) == (anybody, end)

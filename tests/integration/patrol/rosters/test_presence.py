"""When people were on duty, out of the sessions of what they carry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from data.database import Database
from patrol.duty.sessions import Presence, begin_duty, end_duty, presence_of

Add = Callable[..., int]
EIGHT = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_is_of_all_units_that_somebody_carries_and_as_far_as_it_touches_the_time(
    database: Database, add_staff: Add, add_unit: Add
) -> None:
    somebody, other = (add_staff(name, role="patroller") for name in ("王", "李"))
    phone, radio = (add_unit(code, staff_id=somebody) for code in ("P-1", "R-1"))
    add_unit("P-2", staff_id=other)
    with database.begin() as conn:
        begin_duty(conn, phone, EIGHT - 3 * HOUR)
        end_duty(conn, phone, EIGHT)  # over when the time begins
        begin_duty(conn, phone, EIGHT + HOUR)
        end_duty(conn, phone, EIGHT + 2 * HOUR)
        begin_duty(conn, radio, EIGHT - HOUR)
        found = presence_of(conn, [somebody, other], EIGHT, EIGHT + 8 * HOUR)
        assert found == {
            somebody: [
                Presence(since=EIGHT - HOUR, until=None),
                Presence(since=EIGHT + HOUR, until=EIGHT + 2 * HOUR),
            ]
        }
        assert presence_of(conn, [other], EIGHT, EIGHT + HOUR) == {}
        assert presence_of(conn, [somebody], EIGHT - 4 * HOUR, EIGHT - 3 * HOUR) == {}

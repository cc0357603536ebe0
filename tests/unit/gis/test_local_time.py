from datetime import UTC, datetime

import pytest

from gis.local_time import LOCAL, local_midnight


@pytest.mark.parametrize(
    ("at", "midnight"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 21, 16, tzinfo=UTC)),
        (datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)),
        (datetime(2026, 11, 22, 0, 30, tzinfo=LOCAL), datetime(2026, 11, 21, 16, tzinfo=UTC)),
    ],
)
def test_the_day_begins_at_midnight_in_china(at: datetime, midnight: datetime) -> None:
    assert local_midnight(at) == midnight
    assert local_midnight(at).tzinfo is UTC

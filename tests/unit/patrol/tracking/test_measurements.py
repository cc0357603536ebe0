import math

import pytest

from data.tracks.measured import Measured
from gis.measurements import MEASUREMENT_LIMITS
from patrol.tracking.rows import MEASUREMENTS


def test_files_and_senders_measure_the_same() -> None:
    assert Measured._fields == MEASUREMENTS == tuple(MEASUREMENT_LIMITS)


@pytest.mark.parametrize("name", MEASUREMENT_LIMITS)
def test_a_file_is_believed_up_to_the_limits_and_no_further(name: str) -> None:
    low, high = MEASUREMENT_LIMITS[name]
    assert not math.isnan(getattr(Measured.of(**{name: high}), name))
    for value in (low - 1, high + 1):
        assert math.isnan(getattr(Measured.of(**{name: value}), name))

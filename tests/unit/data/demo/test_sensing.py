from collections.abc import Sequence
from datetime import datetime

import pytest

from data.demo.cases.incidents import CaseRecord, case_history
from data.demo.patrols.history import PatrolRecord
from data.demo.sensing import sense
from data.demo.town import Town


@pytest.fixture(scope="module")
def cases(town: Town, patrols: Sequence[PatrolRecord], now: datetime) -> list[CaseRecord]:
    return case_history(town, patrols, now=now, days=9)


def test_one_sensor_is_beyond_its_threshold_whatever_has_become_of_the_reports(
    town: Town, cases: Sequence[CaseRecord], now: datetime
) -> None:
    looked_at = [case for case in cases if case.state != "reported"]
    for some in (cases, looked_at, looked_at[:1]):
        sensed = sense(town, some, now=now, seed=1)
        [alarm] = sensed.alarms
        [case] = [case for case in sensed.cases if case.number == alarm.case_number]
        assert (case.source, case.state, case.reporter) == ("sensor", "reported", None)
        assert alarm.begun_at < case.reported_at <= now
        assert [each.number for each in sensed.cases] == [each.number for each in some]
        assert alarm.case_number not in {change.case_number for change in sensed.changes}


def test_where_nothing_happened_nothing_is_sensed_but_readings(town: Town, now: datetime) -> None:
    sensed = sense(town, [], now=now, seed=1)
    assert not sensed.alarms
    assert not sensed.changes
    assert len(sensed.sensors) > 30

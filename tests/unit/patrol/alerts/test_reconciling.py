from datetime import UTC, datetime

from patrol.alerts.alert import Episode, Kind, Stored
from patrol.alerts.reconciling import Changes, reconcile


def minute(number: int) -> datetime:
    return datetime(2026, 11, 22, 8, number, tzinfo=UTC)


def episode(begin: int, end: int | None = None, *, kind: Kind = Kind.LEFT_GRID) -> Episode:
    return Episode(
        unit_id=1,
        kind=kind,
        begun_at=minute(begin),
        last_at=minute(begin),
        ended_at=None if end is None else minute(end),
    )


def stored(
    number: int, what: Episode, *, acted_on: bool = False, withdrawn: bool = False
) -> Stored:
    return Stored(id=number, episode=what, acted_on=acted_on, withdrawn=withdrawn)


def test_what_is_stored_already_is_left_alone() -> None:
    assert reconcile([stored(1, episode(0, 5))], [episode(0, 5)]) == Changes()


def test_an_alert_stays_the_same_when_a_late_fix_moves_its_beginning() -> None:
    changes = reconcile([stored(1, episode(5))], [episode(3)])
    assert changes == Changes(amended=((1, episode(3)),))


def test_of_alerts_that_turn_out_to_be_one_the_one_somebody_acted_on_stays() -> None:
    known = [stored(1, episode(0, 2)), stored(2, episode(5, 9), acted_on=True)]
    changes = reconcile(known, [episode(0, 9)])
    assert changes == Changes(amended=((2, episode(0, 9)),), withdrawn=(1,))


def test_what_was_not_so_after_all_is_withdrawn_once() -> None:
    assert reconcile([stored(1, episode(0, 2))], []) == Changes(withdrawn=(1,))
    assert not reconcile([stored(1, episode(0, 2), withdrawn=True)], [])


def test_what_was_withdrawn_comes_back_as_the_same_alert() -> None:
    changes = reconcile([stored(1, episode(0, 2), withdrawn=True)], [episode(1, 2)])
    assert changes == Changes(amended=((1, episode(1, 2)),))


def test_alerts_of_another_kind_are_another_matter() -> None:
    known = [stored(1, episode(0, kind=Kind.STILL))]
    changes = reconcile(known, [episode(0)])
    assert changes == Changes(begun=(episode(0),), withdrawn=(1,))

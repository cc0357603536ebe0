"""A draft takes back nothing that came into force since it was made, unless somebody says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from data.audit import Who
from data.database import Database
from data.editions import (
    BaseChanged,
    Edition,
    activate,
    active_edition_id,
    came_between,
    change_draft,
    copy_to_draft,
    delete_draft,
    draft_edition,
    require_edition,
    undo,
)
from data.editions.scheduling import cancel, schedule
from gis.errors import Conflict
from gis.redivision import Operation, Rename
from tests.divisions import squares

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = Who(account_id=None, name="张三", role="admin", address=None)
SW, NW = "32072210120300101", "32072210120300102"


def hours(number: int) -> datetime:
    return NOON + timedelta(hours=number)


def in_force(conn: Connection) -> Edition:
    return activate(conn, draft_edition(conn, squares(), name="2026").edition.id, at=NOON)


def change(conn: Connection, edition_id: int, operation: Operation) -> None:
    change_draft(conn, edition_id, operation, WHO, at=NOON)


def copied(conn: Connection, name: str, *, of: int | None = None) -> Edition:
    """A copy in which one grid has the copy's name."""
    copy = copy_to_draft(conn, WHO, of=of, name=name)
    change(conn, copy.id, Rename(grid=NW, name=name))
    return copy


def scheduled(
    conn: Connection, edition: Edition, at: datetime, *, replaces: int | None = None
) -> Edition:
    return schedule(conn, edition.id, WHO, at=at, now=NOON, replaces=replaces)


def test_a_draft_made_of_the_edition_in_force_replaces_it(database: Database) -> None:
    with database.begin() as conn:
        first = in_force(conn)
        draft = copied(conn, "a")
        assert draft.base == first.id
        assert came_between(conn, draft) == []
        assert activate(conn, draft.id, at=hours(1)).state == "active"


def test_a_stale_draft_says_what_came_between_and_changes_nothing(database: Database) -> None:
    with database.begin() as conn:
        first = in_force(conn)
        stale, b, c = (copied(conn, name) for name in "abc")
        activate(conn, b.id, at=hours(1))
        with pytest.raises(BaseChanged, match="Copy that one") as refused:
            activate(conn, c.id, at=hours(2), replaces=first.id)
        activate(conn, c.id, at=hours(2), replaces=b.id)
        assert [each.id for each in came_between(conn, stale)] == [b.id, c.id]
        with pytest.raises(BaseChanged, match=rf"edition {b.id} \(b\), edition {c.id} \(c\)"):
            activate(conn, stale.id, at=hours(3))
        assert active_edition_id(conn) == c.id
    assert refused.value.code == "base_changed"
    assert refused.value.members == {
        "replaces": b.id,
        "came_between": [{"id": b.id, "name": "b"}],
    }


def test_who_confirmed_another_one_than_is_in_force_by_now_is_asked_again(
    database: Database,
) -> None:
    with database.begin() as conn:
        in_force(conn)
        mine, theirs = copied(conn, "mine"), copied(conn, "theirs")
        activate(conn, theirs.id, at=hours(1))
        next_one = copied(conn, "next")
        activate(conn, next_one.id, at=hours(2))
        with pytest.raises(BaseChanged):
            activate(conn, mine.id, at=hours(3), replaces=theirs.id)
        activate(conn, mine.id, at=hours(3), replaces=next_one.id)


def test_files_know_what_was_in_force_when_they_were_read(database: Database) -> None:
    first, *others = squares()
    with database.begin() as conn:
        in_force(conn)
        read = draft_edition(conn, [replace(first, name="x"), *others], name="file").edition
        activate(conn, copied(conn, "a").id, at=hours(1))
        with pytest.raises(BaseChanged):
            activate(conn, read.id, at=hours(2))


def test_the_first_edition_needs_no_confirmation_and_the_one_drafted_beside_it_does(
    database: Database,
) -> None:
    first, *others = squares()
    with database.begin() as conn:
        beside = draft_edition(conn, [replace(first, name="x"), *others], name="b").edition
        active = in_force(conn)
        with pytest.raises(BaseChanged):
            activate(conn, beside.id, at=hours(1))
        activate(conn, beside.id, at=hours(1), replaces=active.id)


def test_taking_an_activation_back_names_what_it_takes_back(database: Database) -> None:
    with database.begin() as conn:
        first = in_force(conn)
        mistake = copied(conn, "mistake")
        activate(conn, mistake.id, at=hours(1))
        back = copy_to_draft(conn, WHO, of=first.id, name="back")
        assert [each.id for each in came_between(conn, back)] == [mistake.id]
        with pytest.raises(BaseChanged):
            activate(conn, back.id, at=hours(2))
        assert activate(conn, back.id, at=hours(2), replaces=mistake.id).state == "active"


def test_a_copy_of_a_draft_knows_what_the_draft_knew(database: Database) -> None:
    with database.begin() as conn:
        in_force(conn)
        draft = copied(conn, "a")
        of_it, stale = (copied(conn, name, of=draft.id) for name in "bc")
        other = copied(conn, "other")
        assert came_between(conn, of_it) == []
        activate(conn, of_it.id, at=hours(1))
        for each in (stale, draft, other):
            assert [between.id for between in came_between(conn, each)] == [of_it.id]


def test_a_copy_of_a_draft_that_changed_since_does_not_know_the_change(database: Database) -> None:
    with database.begin() as conn:
        in_force(conn)
        draft = copied(conn, "a")
        copy, unchanged = copied(conn, "b", of=draft.id), copied(conn, "c")
        change(conn, draft.id, Rename(grid=SW, name="later"))
        of_the_changed = copied(conn, "d", of=draft.id)
        undo(conn, copy.id, WHO)
        activate(conn, draft.id, at=hours(1))
        assert came_between(conn, require_edition(conn, copy.id)) != []
        assert came_between(conn, unchanged) != []
        assert came_between(conn, of_the_changed) == []


def test_a_draft_that_others_were_made_of_can_be_thrown_away(database: Database) -> None:
    with database.begin() as conn:
        first = in_force(conn)
        draft = copied(conn, "a")
        scheduled(conn, draft, hours(2))
        copy = copied(conn, "b", of=draft.id)
        scheduled(conn, copy, hours(3))
        cancel(conn, draft.id, WHO)
        delete_draft(conn, draft.id, WHO)
        after = require_edition(conn, copy.id)
        assert (after.base, after.due_replaces) == (first.id, None)
        activate(conn, copy.id, at=hours(3))


def test_one_that_is_to_follow_another_that_waits_has_to_know_it(database: Database) -> None:
    with database.begin() as conn:
        in_force(conn)
        waiting, other = copied(conn, "a"), copied(conn, "b")
        scheduled(conn, waiting, hours(5))
        with pytest.raises(BaseChanged) as refused:
            scheduled(conn, other, hours(9))
        assert refused.value.between[-1].id == waiting.id
        scheduled(conn, other, hours(9), replaces=waiting.id)
        assert [each.id for each in came_between(conn, require_edition(conn, other.id))] == [
            waiting.id
        ]
        activate(conn, waiting.id, at=hours(5))
        agreed = require_edition(conn, other.id).due_replaces
        assert activate(conn, other.id, at=hours(9), replaces=agreed).state == "active"


def test_a_copy_of_one_that_waits_may_follow_it(database: Database) -> None:
    with database.begin() as conn:
        in_force(conn)
        waiting = copied(conn, "2027")
        scheduled(conn, waiting, hours(5))
        scheduled(conn, copied(conn, "2028", of=waiting.id), hours(9))


def test_what_one_that_waits_would_take_back_cannot_come_before_it(database: Database) -> None:
    with database.begin() as conn:
        in_force(conn)
        waiting, urgent = copied(conn, "2027"), copied(conn, "urgent")
        scheduled(conn, waiting, hours(5))
        with pytest.raises(Conflict, match="does not know this one") as refused:
            activate(conn, urgent.id, at=hours(1))
        assert refused.value.code == "later_scheduled"
        with pytest.raises(Conflict):
            scheduled(conn, urgent, hours(2))
        cancel(conn, waiting.id, WHO)
        activate(conn, urgent.id, at=hours(1))
        scheduled(conn, waiting, hours(5), replaces=urgent.id)

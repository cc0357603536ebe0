"""Drafts that are changed step by step."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select, text

from data.audit import Who
from data.database import Database
from data.editions import (
    Changed,
    ChangeState,
    EditionChanged,
    activate,
    change_draft,
    copy_to_draft,
    delete_draft,
    draft_edition,
    read_changes,
    read_editions,
    read_findings,
    read_grids,
    redo,
    undo,
)
from data.schema import grids
from gis.errors import Conflict, InvalidInput, NotFound
from gis.redivision import Merge, MoveBorder, Operation, Rename, Snap, Split
from gis.topology import check
from tests.divisions import SOUTH, WEST, squares

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHO = Who(account_id=None, name="张三", role="admin", address=None)
SW, NW = "32072210120300101", "32072210120300102"
COLUMN_W = "320722101203001"
SPLIT = Split(grid=SW, line=((WEST + 0.004, SOUTH), (WEST + 0.004, SOUTH + 0.01)))
MOVE = MoveBorder(grids=(SW, NW), line=((WEST, SOUTH + 0.005), (WEST + 0.01, SOUTH + 0.005)))


def in_force(conn: Connection) -> int:
    edition = draft_edition(conn, squares(), name="2026").edition
    return activate(conn, edition.id, at=NOON).id


def copied(conn: Connection) -> int:
    in_force(conn)
    return copy_to_draft(conn, WHO, name="2027").id


def do(conn: Connection, edition_id: int, operation: Operation, **more: int) -> Changed:
    return change_draft(conn, edition_id, operation, WHO, at=NOON, **more)


def content(conn: Connection, edition_id: int) -> set[tuple[str, str, str | None, bytes]]:
    rows = conn.execute(
        select(grids.c.code, grids.c.name, grids.c.parent_code, grids.c.geom).where(
            grids.c.edition_id == edition_id
        )
    )
    return {(row.code, row.name, row.parent_code, bytes(row.geom.data)) for row in rows}


def test_a_copy_of_the_edition_in_force_has_its_grids(database: Database) -> None:
    with database.begin() as conn:
        active = in_force(conn)
        copy = copy_to_draft(conn, WHO, name="2027")
        assert content(conn, copy.id) == content(conn, active)
        assert (copy.name, copy.state, copy.version) == ("2027", "draft", 0)


def test_without_an_edition_in_force_nothing_is_copied_by_default(database: Database) -> None:
    with database.begin() as conn, pytest.raises(NotFound, match="could be copied"):
        copy_to_draft(conn, WHO, name="2027")


def test_a_change_is_a_row_with_what_it_replaced(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        changed = do(conn, edition_id, SPLIT)
        [change] = read_changes(conn, edition_id)
        assert changed.edition.version == 1
        assert (change.number, change.kind, change.state) == (1, "split", ChangeState.DONE)
        assert change.arguments["grid"] == SW
        assert (change.actor, change.at) == ("张三", NOON)
        assert SW in change.replaced
        assert set(change.put) == {*change.replaced, "32072210120300103"}


def test_everything_undone_is_what_it_was_to_the_last_byte(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        before = content(conn, edition_id)
        for operation in (MOVE, SPLIT, Merge(grids=(SW, NW)), Rename(grid=SW, code="A", name="a")):
            do(conn, edition_id, operation)
        after = content(conn, edition_id)
        undo(conn, edition_id, WHO, steps=4)
        assert content(conn, edition_id) == before
        assert redo(conn, edition_id, WHO, steps=4).gone == (SW, NW)
        assert content(conn, edition_id) == after
        with pytest.raises(Conflict, match="4 steps can be taken back"):
            undo(conn, edition_id, WHO, steps=5)


def test_what_was_undone_cannot_be_done_again_after_something_else(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, MOVE)
        undo(conn, edition_id, WHO)
        do(conn, edition_id, SPLIT)
        assert [change.state for change in read_changes(conn, edition_id)] == ["done", "dropped"]
        with pytest.raises(Conflict, match="0 steps can be done again"):
            redo(conn, edition_id, WHO)


def test_who_has_not_seen_the_last_change_is_told_so_and_changes_nothing(
    database: Database,
) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, MOVE, version=0)
    with database.begin() as conn, pytest.raises(EditionChanged) as refused:
        do(conn, edition_id, SPLIT, version=0)
    assert refused.value.members == {"version": 1}
    with database.begin() as conn:
        assert len(read_changes(conn, edition_id)) == 1


def test_of_two_at_the_same_time_one_is_first_and_the_other_is_told(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)

    def attempt(operation: Operation) -> bool:
        try:
            with database.begin() as conn:
                do(conn, edition_id, operation, version=0)
        except EditionChanged:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(attempt, (MOVE, SPLIT)))
    assert sorted(done) == [False, True]
    with database.begin() as conn:
        assert len(read_changes(conn, edition_id)) == 1


def test_only_a_draft_is_changed(database: Database) -> None:
    with database.begin() as conn:
        active = in_force(conn)
        for attempt in (
            lambda: do(conn, active, MOVE),
            lambda: undo(conn, active, WHO),
            lambda: delete_draft(conn, active, WHO),
        ):
            with pytest.raises(Conflict, match="never changes any more"):
                attempt()


def test_what_is_refused_leaves_the_draft_as_it_is(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        before = content(conn, edition_id)
    with database.begin() as conn, pytest.raises(InvalidInput):
        do(conn, edition_id, Merge(grids=(SW,)))
    with database.begin() as conn:
        assert content(conn, edition_id) == before


def test_a_code_of_a_retired_edition_is_not_given_again(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, Merge(grids=(SW, NW)))
        activate(conn, edition_id, at=NOON.replace(hour=5))
        again = copy_to_draft(conn, WHO, name="2028").id
        across = ((WEST + 0.004, SOUTH), (WEST + 0.004, SOUTH + 0.02))
        do(conn, again, Split(grid=SW, line=across))
        codes = {row.grid.code for row in read_grids(conn, again)}
    assert "32072210120300103" in codes
    assert NW not in codes


def test_the_findings_of_a_draft_are_those_of_its_grids_now(database: Database) -> None:
    shifted = squares()
    with database.begin() as conn:
        edition_id = draft_edition(conn, shifted[:-1], name="one missing").edition.id
        assert len(read_findings(conn, edition_id)) == 1
        do(conn, edition_id, MOVE)
        do(conn, edition_id, Rename(grid="320722101203002", name="缺一块"))
        found = [each["properties"] for each in read_findings(conn, edition_id)]
        whole = check(row.grid for row in read_grids(conn, edition_id)).to_geojson()["features"]
        assert found == [each["properties"] for each in whole]
        assert "缺一块" in found[0]["message"]


def test_the_exported_grids_of_a_changed_draft_are_the_same_edition(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, SPLIT)
        same = draft_edition(conn, [row.grid for row in read_grids(conn, edition_id)], name="file")
        assert (same.is_new, same.edition.id) == (False, edition_id)


def test_a_draft_with_the_grids_in_force_is_not_put_in_force(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        with pytest.raises(Conflict, match="nothing would change"):
            activate(conn, edition_id, at=NOON.replace(hour=5))


def test_two_drafts_give_their_new_grids_different_codes(database: Database) -> None:
    with database.begin() as conn:
        first = copied(conn)
        second = copy_to_draft(conn, WHO, name="other").id
        [mine], [theirs] = (
            {grid.code for grid in do(conn, draft, SPLIT).grids} - {SW, COLUMN_W, NW}
            for draft in (first, second)
        )
        assert (mine, theirs) == ("32072210120300103", "32072210120300104")
        undo(conn, first, WHO)  # it may yet be done again
        with pytest.raises(InvalidInput, match="another draft"):
            do(conn, second, Rename(grid=NW, code=mine))
        delete_draft(conn, first, WHO)
        do(conn, second, Rename(grid=NW, code=mine))


def test_two_drafts_that_are_split_at_once_give_different_codes(database: Database) -> None:
    with database.begin() as conn:
        drafts = [copied(conn), copy_to_draft(conn, WHO, name="other").id]

    def split(draft: int) -> set[str]:
        with database.begin() as conn:
            return {grid.code for grid in do(conn, draft, SPLIT).grids}

    with ThreadPoolExecutor(2) as threads:
        mine, theirs = threads.map(split, drafts)
    assert mine & theirs <= {SW, COLUMN_W, NW}


def test_a_deleted_draft_is_gone_with_its_changes(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, SPLIT)
        delete_draft(conn, edition_id, WHO)
        assert [edition.name for edition in read_editions(conn)] == ["2026"]
        assert conn.scalar(text("SELECT count(*) FROM edition_change_grids")) == 0


def test_snapping_a_sound_edition_changes_nothing(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        with pytest.raises(InvalidInput, match="nothing to change"):
            do(conn, edition_id, Snap(tolerance_m=1))


def test_what_is_done_to_a_draft_is_on_the_audit(database: Database) -> None:
    with database.begin() as conn:
        edition_id = copied(conn)
        do(conn, edition_id, SPLIT)
        undo(conn, edition_id, WHO)
        delete_draft(conn, edition_id, WHO)
        actions = list(conn.scalars(text("SELECT action FROM audit_events ORDER BY id")))
    assert actions == ["edition.copy", "edition.split", "edition.undo", "edition.delete"]

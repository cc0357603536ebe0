"""Drafts that are changed step by step: copied, changed, undone, done again, thrown away."""

from datetime import datetime

from sqlalchemy import Connection

from data.audit import Who, record
from data.editions.bases import hand_on_base
from data.editions.change import Changed, ChangeState, EditionChanged, encode
from data.editions.changes import (
    ids_of_changes,
    insert_change,
    lock_edition,
    put_change,
    read_change,
    read_grids_around,
    read_used_codes,
    set_change_state,
)
from data.editions.edition import Edition, EditionState
from data.editions.service import require_edition
from data.editions.store import (
    active_edition_id,
    copy_edition,
    delete_edition,
    read_findings,
    read_grids,
    set_changed,
)
from gis.errors import Conflict, InvalidInput, NotFound
from gis.grid import Grid
from gis.redivision import Change, Operation, Sheet, Snap, perform, recheck
from gis.topology import FindingKind, check

_OF_THE_WHOLE = frozenset({FindingKind.MISSING_PARENT.value, FindingKind.WRONG_PARENT.value})
"""Findings that name many grids at once."""


def copy_to_draft(conn: Connection, who: Who, *, of: int | None = None, name: str) -> Edition:
    """A draft with the grids of an edition, else of the one in force. Raises NotFound."""
    source_id = active_edition_id(conn) if of is None else of
    if source_id is None:
        raise NotFound("No grid edition is in force that could be copied. Name one.", field="of")
    source = require_version(conn, source_id, None)  # it stays as it is until it is copied
    cleaned = name.strip()
    if not 0 < len(cleaned) <= 80 or not cleaned.isprintable():
        raise InvalidInput("A name has 1 to 80 printable characters.", field="name")
    edition = require_edition(conn, copy_edition(conn, source.id, cleaned))
    record(
        conn, who, "edition.copy", _subject(edition), details={"id": edition.id, "of": source.id}
    )
    return edition


def change_draft(
    conn: Connection,
    edition_id: int,
    operation: Operation,
    who: Who,
    *,
    at: datetime,
    version: int | None = None,
) -> Changed:
    """Do something to a draft, on the record. `version` is the one that was looked at.

    Raises NotFound, InvalidInput, and Conflict: it is no draft, or is to take effect by itself; it has
    another version by now (EditionChanged).
    """
    edition = _lock_draft(conn, edition_id, version)
    whole = isinstance(operation, Snap)
    around = (
        [row.grid for row in read_grids(conn, edition_id)]
        if whole
        else read_grids_around(conn, edition_id, operation.codes)
    )
    sheet = Sheet(around, used_codes=read_used_codes(conn, edition_id))
    change = perform(sheet, operation)
    if not change.before and not change.after:
        raise InvalidInput("There is nothing to change.", field="kind", code="no_change")
    put_change(conn, edition_id, change)
    insert_change(
        conn,
        edition_id,
        change,
        kind=operation.kind,
        arguments=encode(operation),
        actor=who.name,
        actor_account_id=who.account_id,
        at=at,
    )
    _store_findings(conn, edition, change, around, sheet.grids, whole=whole)
    return _changed(conn, edition, change, who, operation.kind)


def undo(
    conn: Connection, edition_id: int, who: Who, *, steps: int = 1, version: int | None = None
) -> Changed:
    """Take back what was done last. Raises as `change_draft` does; Conflict also when less was done."""
    return _step(conn, edition_id, who, steps, version, back=True)


def redo(
    conn: Connection, edition_id: int, who: Who, *, steps: int = 1, version: int | None = None
) -> Changed:
    """Do again what was taken back."""
    return _step(conn, edition_id, who, steps, version, back=False)


def require_version(conn: Connection, edition_id: int, version: int | None) -> Edition:
    """The edition, which nobody else can change until the transaction ends. Raises NotFound, and
    EditionChanged when its version is another one than was looked at."""
    lock_edition(conn, edition_id)
    edition = require_edition(conn, edition_id)
    if version is not None and version != edition.version:
        raise EditionChanged(
            f"Edition {edition.id} ({edition.name}) has changed since version {version}: it is at "
            f"{edition.version} now. Look at it again.",
            version=edition.version,
        )
    return edition


def delete_draft(conn: Connection, edition_id: int, who: Who) -> None:
    """Throw a draft away with all that was done to it. Raises NotFound and Conflict."""
    edition = _lock_draft(conn, edition_id, None)
    hand_on_base(conn, edition_id)
    delete_edition(conn, edition_id)
    record(conn, who, "edition.delete", _subject(edition), details={"id": edition.id})


def _step(
    conn: Connection, edition_id: int, who: Who, steps: int, version: int | None, *, back: bool
) -> Changed:
    edition = _lock_draft(conn, edition_id, version)
    old, new = ChangeState.DONE, ChangeState.UNDONE
    if not back:
        old, new = new, old
    ids = ids_of_changes(conn, edition_id, old, newest_first=back)
    if not 0 < steps <= len(ids):
        word = "taken back" if back else "done again"
        raise Conflict(f"{len(ids)} steps can be {word}, and not {steps}.", code="no_such_step")
    was: dict[str, Grid] = {}
    now: dict[str, Grid] = {}
    for change_id in ids[:steps]:
        change = read_change(conn, change_id)
        if back:
            change = Change(before=change.after, after=change.before)
        put_change(conn, edition_id, change)
        set_change_state(conn, change_id, new)
        for grid in change.before:
            if now.pop(grid.code, None) is None:
                was[grid.code] = grid
        now.update({grid.code: grid for grid in change.after})
    whole = Change(before=tuple(was.values()), after=tuple(now.values()))
    _check_again(conn, edition, whole)
    return _changed(conn, edition, whole, who, "undo" if back else "redo")


def _lock_draft(conn: Connection, edition_id: int, version: int | None) -> Edition:
    edition = require_version(conn, edition_id, None)
    if edition.state is not EditionState.DRAFT:
        raise Conflict(
            f"Edition {edition.id} ({edition.name}) is {edition.state} and never changes any more. "
            "Copy it to a draft.",
            code="not_a_draft",
        )
    require_version(conn, edition_id, version)
    if edition.due_at is not None:
        raise Conflict(
            f"Edition {edition.id} ({edition.name}) is to take effect at "
            f"{edition.due_at.isoformat()}. Cancel that before you change it.",
            code="scheduled",
        )
    return edition


def _check_again(conn: Connection, edition: Edition, change: Change) -> None:
    """After grids were put back: what is around them is what is there now."""
    codes = {grid.code for grid in (*change.before, *change.after)}
    codes |= {grid.parent_code or "" for grid in (*change.before, *change.after)}
    after = read_grids_around(conn, edition.id, sorted(codes))
    put = {grid.code for grid in change.after}
    before = [*change.before, *(grid for grid in after if grid.code not in put)]
    _store_findings(conn, edition, change, before, after, whole=False)


def _store_findings(
    conn: Connection,
    edition: Edition,
    change: Change,
    before: list[Grid],
    after: list[Grid],
    *,
    whole: bool,
) -> None:
    findings = read_findings(conn, edition.id)
    if whole or any(each["properties"]["kind"] in _OF_THE_WHOLE for each in findings):
        now = check(row.grid for row in read_grids(conn, edition.id)).to_geojson()["features"]
    else:
        now = recheck(change, before, after).merged(findings)
    set_changed(conn, edition.id, now)
    hand_on_base(conn, edition.id)


def _changed(conn: Connection, edition: Edition, change: Change, who: Who, kind: str) -> Changed:
    after = {grid.code for grid in change.after}
    gone = tuple(sorted({grid.code for grid in change.before} - after))
    record(
        conn,
        who,
        f"edition.{kind}",
        _subject(edition),
        details={"id": edition.id, "grids": sorted(after)[:50], "gone": list(gone)[:50]},
    )
    return Changed(edition=require_edition(conn, edition.id), gone=gone, grids=change.after)


def _subject(edition: Edition) -> str:
    return f"edition {edition.name}"

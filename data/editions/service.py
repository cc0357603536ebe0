"""The life of an edition: drafted, checked, put in force, replaced by the next."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from sqlalchemy import Connection

from data.editions.bases import edition_before, require_base
from data.editions.edition import Edition, EditionState
from data.editions.outlines import write_outlines
from data.editions.store import (
    active_edition_id,
    drafts_without_hash,
    insert_edition,
    lock_editions,
    read_edition,
    read_editions,
    read_grids,
    set_active,
    set_content_hash,
    set_retired,
    unretired_id_of_content,
)
from gis.errors import Conflict, InvalidInput, NotFound
from gis.grid import Grid
from gis.topology import check


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """`is_new` is False when the same grids were there already, as a draft or in force."""

    edition: Edition
    is_new: bool


def draft_edition(
    conn: Connection, grids: Sequence[Grid], *, name: str, source_crs: str = "wgs84"
) -> Draft:
    """Store grids as a draft, with what the topology check finds. Twice is once.

    Raises InvalidInput when there is no grid.
    """
    if not grids:
        raise InvalidInput("An edition needs at least one grid.", field="grids")
    digest = _digest(grids)
    lock_editions(conn)
    for draft_id in drafts_without_hash(conn):
        _settle_hash(conn, draft_id)
    existing = unretired_id_of_content(conn, digest)
    edition_id = existing or insert_edition(
        conn,
        name=name,
        source_crs=source_crs,
        content_hash=digest,
        base=active_edition_id(conn),
        findings=check(grids).to_geojson()["features"],
        content=grids,
    )
    return Draft(edition=require_edition(conn, edition_id), is_new=existing is None)


def find_edition(conn: Connection, reference: str | None = None) -> Edition:
    """The edition with this id or name; without one, the newest.

    Raises NotFound, and Conflict when several have the name.
    """
    editions = read_editions(conn)
    if not editions:
        raise NotFound("There is no grid edition yet. Import one: wangge grids import.")
    if reference is None:
        return editions[0]
    found = [edition for edition in editions if str(edition.id) == reference]
    found = found or [edition for edition in editions if edition.name == reference]
    if not found:
        raise NotFound(f"There is no edition {reference!r}. `wangge grids list` shows them.")
    if len(found) > 1:
        numbers = ", ".join(str(edition.id) for edition in found)
        raise Conflict(
            f"Several editions are called {reference!r}: name one by number ({numbers})."
        )
    return found[0]


def activate(
    conn: Connection,
    edition_id: int,
    *,
    at: datetime,
    accept_reason: str | None = None,
    replaces: int | None = None,
) -> Edition:
    """Put a draft in force at an instant and retire the edition before it, in one transaction.

    `accept_reason` goes on the record with an edition whose topology has findings; `replaces` is the
    edition in force, named because the draft was not made of it. What is active already stays as it is.
    Raises NotFound, BaseChanged, and Conflict: findings and no reason; it was in force before; the
    edition in force began later than `at`; or a later one would take this one back.
    """
    lock_editions(conn)
    edition = require_edition(conn, edition_id)
    if edition.state is EditionState.ACTIVE:
        return edition
    reason = require_activatable(edition, accept_reason)
    previous_id = active_edition_id(conn)
    if previous_id is not None:
        previous = require_edition(conn, previous_id)
        if previous.valid_from is None or previous.valid_from >= at:
            raise Conflict(
                f"Edition {previous.id} ({previous.name}) is in force since {previous.valid_from}; "
                "the next one must begin later."
            )
    require_base(conn, edition, edition_before(conn, edition), at=at, replaces=replaces)
    if previous_id is not None:
        if edition_id in drafts_without_hash(conn):
            _settle_hash(conn, edition_id, but_not=previous_id)
        set_retired(conn, previous_id, at)
    set_active(conn, edition_id, at, reason if edition.findings else None)
    write_outlines(conn, edition_id)
    return require_edition(conn, edition_id)


def require_activatable(edition: Edition, accept_reason: str | None) -> str | None:
    """The reason that goes on the record, where there are findings. Raises Conflict when it cannot be
    put in force: it was before, or has findings that nobody accepts."""
    reason = (accept_reason or "").strip() or None
    if edition.state is EditionState.RETIRED:
        raise Conflict(
            f"Edition {edition.id} ({edition.name}) has been retired. To put its grids back in force, "
            "copy it to a draft, or export and import them again."
        )
    if edition.findings and reason is None:
        raise Conflict(
            f"The topology check has {edition.findings_in_words} about edition {edition.id} "
            f"({edition.name}). Look at them (wangge grids check {edition.id}) and correct the files, "
            "or accept them with a reason (accept_reason).",
            code="findings",
        )
    return reason


def require_edition(conn: Connection, edition_id: int) -> Edition:
    """Raises NotFound."""
    edition = read_edition(conn, edition_id)
    if edition is None:
        raise NotFound(f"There is no edition {edition_id}. `wangge grids list` shows them.")
    return edition


def _settle_hash(conn: Connection, edition_id: int, *, but_not: int | None = None) -> None:
    """Work out the content hash of a draft that was changed by hand. One that has the same grids as
    another edition has none of its own: Conflict, where that is the edition `but_not`."""
    digest = _digest([row.grid for row in read_grids(conn, edition_id)])
    same = unretired_id_of_content(conn, digest)
    if same is not None and same == but_not:
        raise Conflict(
            f"Edition {edition_id} has the same grids as edition {same}, which is in force: nothing "
            "would change.",
            code="no_change",
        )
    if same is None:
        set_content_hash(conn, edition_id, digest)


def _digest(grids: Sequence[Grid]) -> str:
    """SHA-256 of the content, whatever the order of files, grids, parts and vertices."""
    digest = hashlib.sha256()
    ordered = sorted(grids, key=lambda grid: grid.code)
    shapes = shapely.to_wkb(shapely.normalize([grid.geometry for grid in ordered]))
    for grid, shape in zip(ordered, shapes, strict=True):
        head = repr((grid.code, grid.name, grid.level, grid.parent_code, len(shape)))
        digest.update(head.encode())
        digest.update(shape)
    return digest.hexdigest()

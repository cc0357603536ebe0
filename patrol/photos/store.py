"""Photos as rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from data.schema import cases, photos
from data.scope import Viewer
from patrol.photos.photo import Attachment, Photo, PhotoRole

_P = photos.c
_COLUMNS = (
    *(column for column in photos.columns if column.name not in ("geom", "idempotency_key")),
    func.ST_X(_P.geom).label("lon"),
    func.ST_Y(_P.geom).label("lat"),
)


def lock_key(conn: Connection, account_id: int, key: str) -> None:
    """Let no other transaction store a photo under the same key until this one ends."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"photo {account_id} {key}", 0))
    conn.execute(select(lock))


def find_by_key(conn: Connection, account_id: int, key: str) -> Photo | None:
    """What the account has sent under this idempotency key."""
    return _one(conn, and_(_P.uploaded_by_account_id == account_id, _P.idempotency_key == key))


def insert_photo(conn: Connection, photo: Photo, *, idempotency_key: str | None) -> None:
    point = None
    if photo.position is not None:
        point = func.ST_SetSRID(func.ST_MakePoint(*photo.position), 4326)
    conn.execute(
        insert(photos).values(
            id=photo.id,
            sha256=photo.sha256,
            source_sha256=photo.source_sha256,
            width=photo.width,
            height=photo.height,
            size=photo.size,
            taken_at=photo.taken_at,
            geom=point,
            datum=photo.datum,
            direction_deg=photo.direction_deg,
            uploaded_at=photo.uploaded_at,
            uploaded_by_account_id=photo.uploaded_by_account_id,
            idempotency_key=idempotency_key,
        )
    )


def find_photo(conn: Connection, photo_id: UUID, viewer: Viewer) -> Photo | None:
    """None also for one that the viewer may not see."""
    return _one(conn, and_(_P.id == photo_id, _visible_to(viewer)))


def photos_of_case(conn: Connection, case_id: int) -> list[Photo]:
    query = select(*_COLUMNS).where(_P.case_id == case_id).order_by(_P.seq, _P.ordinal)
    return [_photo_of(row) for row in conn.execute(query).mappings()]


def attach_photo(
    conn: Connection, photo_id: UUID, attachment: Attachment, *, account_id: int | None
) -> bool:
    """Whether it could be: it is the account's and no case's yet."""
    changed = conn.execute(
        update(photos)
        .where(
            _P.id == photo_id,
            _P.case_id.is_(None),
            _P.uploaded_by_account_id.is_not_distinct_from(account_id),
        )
        .values(
            case_id=attachment.case_id,
            seq=attachment.seq,
            ordinal=attachment.ordinal,
            role=attachment.role,
        )
    )
    return changed.rowcount == 1


def count_of_event(conn: Connection, case_id: int, seq: int) -> int:
    count = select(func.count()).where(_P.case_id == case_id, _P.seq == seq)
    return conn.scalars(count.select_from(photos)).one()


def count_unattached(conn: Connection, account_id: int | None) -> int:
    """None counts what people without an account have sent."""
    count = select(func.count()).where(
        _P.case_id.is_(None), _P.uploaded_by_account_id.is_not_distinct_from(account_id)
    )
    return conn.scalars(count.select_from(photos)).one()


def is_attached(conn: Connection, photo_id: UUID, account_id: int | None) -> bool:
    """Whether it is the account's, and a case has it."""
    found = select(_P.id).where(
        _P.id == photo_id,
        _P.case_id.is_not(None),
        _P.uploaded_by_account_id.is_not_distinct_from(account_id),
    )
    return conn.scalar(found) is not None


def drop_unattached(conn: Connection, before: datetime, *, most: int) -> list[Photo]:
    """Those that were sent before an instant and are no case's: gone when the transaction ends."""
    some = (
        select(_P.id)
        .where(_P.case_id.is_(None), _P.uploaded_at < before)
        .order_by(_P.uploaded_at)
        .limit(most)
    )
    dropped = delete(photos).where(_P.id.in_(some), _P.case_id.is_(None)).returning(*_COLUMNS)
    return [_photo_of(row) for row in conn.execute(dropped).mappings()]


def drop_those_unattached(conn: Connection, photo_ids: Collection[UUID]) -> list[Photo]:
    """Those of them that are no case's and that the transaction's viewer has sent: gone when it ends."""
    dropped = delete(photos).where(_P.id.in_(photo_ids), _P.case_id.is_(None)).returning(*_COLUMNS)
    return [_photo_of(row) for row in conn.execute(dropped).mappings()]


def known_ids(conn: Connection, photo_ids: Collection[UUID]) -> set[UUID]:
    """Those of which there is a row. As the system, or a photo of somebody else's has none."""
    return set(conn.scalars(select(_P.id).where(_P.id.in_(photo_ids))))


def newest_photos(conn: Connection, count: int) -> Sequence[Photo]:
    query = select(*_COLUMNS).order_by(_P.uploaded_at.desc()).limit(count)
    return [_photo_of(row) for row in conn.execute(query).mappings()]


def _visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The policy of `photos` in data/schema/access.sql, and that of `cases`."""
    nobodys = _P.case_id.is_(None)
    if viewer.account_id is not None:
        unattached = and_(nobodys, _P.uploaded_by_account_id == viewer.account_id)
    else:
        unattached = and_(nobodys, true() if viewer.sees_everybody else ~true())
    codes = viewer.scope.sql_codes()
    if codes is None:
        return or_(unattached, _P.case_id.is_not(None))
    reasons: list[ColumnElement[bool]] = [cases.c.grid_code.in_(codes)]
    # Comparing with None would be IS NULL: everything that nobody owns.
    if viewer.staff_id is not None:
        reasons.append(cases.c.owner_staff_id == viewer.staff_id)
    if viewer.account_id is not None:
        reasons.append(cases.c.reported_by_account_id == viewer.account_id)
    its_case = select(cases.c.id).where(cases.c.id == _P.case_id, or_(*reasons)).exists()
    return or_(unattached, its_case)


def _one(conn: Connection, condition: ColumnElement[bool]) -> Photo | None:
    row = conn.execute(select(*_COLUMNS).where(condition)).mappings().one_or_none()
    return None if row is None else _photo_of(row)


def _photo_of(row: RowMapping) -> Photo:
    attachment = None
    if row["case_id"] is not None:
        attachment = Attachment(
            case_id=row["case_id"],
            seq=row["seq"],
            ordinal=row["ordinal"],
            role=PhotoRole(row["role"]),
        )
    return Photo(
        id=row["id"],
        sha256=bytes(row["sha256"]),
        source_sha256=bytes(row["source_sha256"]),
        width=row["width"],
        height=row["height"],
        size=row["size"],
        taken_at=row["taken_at"],
        position=None if row["lon"] is None else (row["lon"], row["lat"]),
        datum=row["datum"],
        direction_deg=row["direction_deg"],
        uploaded_at=row["uploaded_at"],
        uploaded_by_account_id=row["uploaded_by_account_id"],
        attachment=attachment,
    )

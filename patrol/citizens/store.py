"""Reports of citizens in the database: which case a code or a key belongs to."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from data.schema import cases, citizen_reports

_R = citizen_reports.c


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """The case of a report, the hash of the code that follows it, and the fingerprint of what was said
    (`patrol.idempotency`)."""

    case_id: int
    number: str
    code_hash: bytes
    said: bytes | None


def find_by_number(conn: Connection, number: str) -> Followed | None:
    return _one(conn, cases.c.number == number)


def find_by_key(conn: Connection, key_hash: bytes) -> Followed | None:
    """What was reported under the key with this hash."""
    return _one(conn, _R.key_hash == key_hash)


def lock_key(conn: Connection, key_hash: bytes) -> None:
    """Let no other transaction report under the same key until this one ends."""
    lock = func.hashtextextended(f"citizen report {key_hash.hex()}", 0)
    conn.execute(select(func.pg_advisory_xact_lock(lock)))


def insert_report(conn: Connection, case_id: int, code_hash: bytes, key_hash: bytes | None) -> None:
    values = {"case_id": case_id, "code_hash": code_hash, "key_hash": key_hash}
    conn.execute(insert(citizen_reports).values(values))


def _one(conn: Connection, condition: object) -> Followed | None:
    query = select(_R.case_id, cases.c.number, _R.code_hash, cases.c.said_sha256).join_from(
        citizen_reports, cases, cases.c.id == _R.case_id
    )
    row = conn.execute(query.where(condition)).one_or_none()  # type: ignore[arg-type]
    if row is None:
        return None
    return Followed(
        case_id=row.case_id,
        number=row.number,
        code_hash=bytes(row.code_hash),
        said=row.said_sha256,
    )

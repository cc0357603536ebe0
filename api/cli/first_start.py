"""The accounts that `wangge up` makes when there are none."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from api.accounts import Role
from api.accounts.passwords import generate_password, password_matches
from api.accounts.service import create_account, issue_token
from api.accounts.store import any_account_exists, delete_tokens_of, find_credentials
from api.cli.credentials import Credential, CredentialsFile
from data.database import Database
from data.demo.loading import DemoPerson
from data.schema import positions, units
from patrol.duty.ownership import units_on_duty

ADMIN = "admin"
SIMULATOR = "simulator"
# Each is the name of an account of the demo town; the gateway's is the simulator's.
_DEMO_ROLES = (
    Role.DISPATCHER,
    Role.GRID_CHIEF,
    Role.GRID_WORKER,
    Role.INSPECTOR,
    Role.LIAISON,
    Role.PATROLLER,
    Role.ENFORCEMENT_OFFICER,
    Role.DEPARTMENT_HANDLER,
    Role.ANALYST,
    Role.AUDITOR,
)


def make_first_accounts(
    database: Database, file: CredentialsFile, people: Sequence[DemoPerson], *, demo: bool
) -> list[Credential]:
    """`admin` if there is no account at all; with `demo`, an account for each role that lacks one.

    The administrator of a real installation must change the password at the first sign-in; an invented
    town has nothing to protect. The account of a role on the demo town's staff belongs to that one of
    `people`. Returns what was made now. Their passwords are in the file before the accounts are
    committed: a start that is cut short leaves no account whose password nobody knows.
    """
    with database.begin() as conn:
        made = list(_make(conn, people, demo=demo))
        if made:
            names = {credential.username for credential in made}
            kept = [known for known in file.read() if known.username not in names]
            file.write([*kept, *made])
    return made


def forget_changed_passwords(database: Database, file: CredentialsFile) -> None:
    """Drop from the file whatever no longer signs anybody in, and the file with its last line."""
    known = file.read()
    with database.begin() as conn:
        present = [find_credentials(conn, credential.username) for credential in known]
    kept = [
        credential
        for credential, account in zip(known, present, strict=True)
        if account is not None and password_matches(credential.password, account.password_hash)
    ]
    if not kept:
        file.remove()
    elif kept != known:
        file.write(kept)


def issue_simulator_token(database: Database, now: datetime) -> str:
    """A token that may post for every unit. Those of earlier runs end."""
    with database.begin() as conn:
        if find_credentials(conn, SIMULATOR) is None:
            create_account(conn, username=SIMULATOR, password=None, role=Role.GATEWAY)
        delete_tokens_of(conn, SIMULATOR)
        return issue_token(conn, SIMULATOR, now)


def units_on_patrol(database: Database, now: datetime) -> dict[str, tuple[float, float] | None]:
    """The codes of the units on duty, with (lon, lat) where each was last seen."""
    statement = (
        select(units.c.code, positions.c.lon, positions.c.lat)
        .select_from(units)
        .outerjoin(positions, positions.c.unit_id == units.c.id)
        .order_by(units.c.code)
    )
    with database.begin() as conn:
        out = statement.where(units.c.id.in_(units_on_duty(conn, now)))
        return {
            row.code: None if row.lon is None else (row.lon, row.lat) for row in conn.execute(out)
        }


def _make(conn: Connection, people: Sequence[DemoPerson], *, demo: bool) -> Iterator[Credential]:
    staff_ids = {person.role: person.staff_id for person in people}
    wanted = [] if any_account_exists(conn) else [(ADMIN, Role.ADMIN)]
    if demo:
        wanted += [(role.value, role) for role in _DEMO_ROLES]
    for username, role in wanted:
        if find_credentials(conn, username) is None:
            password = generate_password()
            create_account(
                conn,
                username=username,
                password=password,
                role=role,
                staff_id=staff_ids.get(role),
                must_change_password=not demo,
            )
            yield Credential(username=username, password=password, role=role)

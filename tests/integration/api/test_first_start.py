"""The accounts that the first start makes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from api.accounts import Accounts, Role
from api.accounts.passwords import hash_password
from api.accounts.pending import Pending
from api.accounts.store import set_password_hash
from api.cli.credentials import Credential, CredentialsFile
from api.cli.first_start import (
    forget_changed_passwords,
    issue_simulator_token,
    make_first_accounts,
    units_on_patrol,
)
from data.database import Database
from data.demo.loading import DemoPerson
from data.editions import GridIndexes
from data.schema import duty_sessions, positions, staff, units
from gis.errors import NotSignedIn


@pytest.fixture
def file(tmp_path: Path) -> CredentialsFile:
    return CredentialsFile(tmp_path)


@pytest.fixture
def chief(database: Database) -> DemoPerson:
    with database.begin() as conn:
        staff_id = conn.execute(
            insert(staff).values(name="陈秀英").returning(staff.c.id)
        ).scalar_one()
    return DemoPerson(role="grid_chief", staff_id=staff_id, name="陈秀英", grid_code="A")


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, GridIndexes(database))


def usernames(credentials: Sequence[Credential]) -> list[str]:
    return [credential.username for credential in credentials]


def test_the_first_start_makes_the_administrator(
    database: Database, file: CredentialsFile, accounts: Accounts
) -> None:
    [admin] = make_first_accounts(database, file, (), demo=False)
    assert file.read() == [admin]
    signed_in = accounts.sign_in("admin", admin.password, address="")
    assert signed_in.identity.account.role is Role.ADMIN
    assert signed_in.identity.pending == (Pending.CHANGE_PASSWORD,)


def test_in_an_invented_town_nobody_must_change_a_password(
    database: Database, file: CredentialsFile, accounts: Accounts
) -> None:
    for credential in make_first_accounts(database, file, (), demo=True):
        if credential.role in (Role.ADMIN, Role.DISPATCHER):
            signed_in = accounts.sign_in(credential.username, credential.password, address="")
            assert signed_in.identity.pending == ()


def test_a_later_start_makes_nobody_and_leaves_the_file_alone(
    database: Database, file: CredentialsFile
) -> None:
    make_first_accounts(database, file, (), demo=False)
    file.path.unlink()
    assert make_first_accounts(database, file, (), demo=False) == []
    assert not file.path.exists()


def test_the_demo_has_an_account_for_every_role_that_a_person_has(
    database: Database, file: CredentialsFile, accounts: Accounts, chief: DemoPerson
) -> None:
    made = make_first_accounts(database, file, [chief], demo=True)
    assert {credential.role for credential in made} == {
        role for role in Role if not role.is_gateway
    } - {Role.DEVICE}
    assert len({credential.password for credential in made}) == len(made)
    [password] = [c.password for c in made if c.role == Role.GRID_CHIEF]
    account = accounts.sign_in("grid_chief", password, address="").identity.account
    assert (account.staff_id, account.name) == (chief.staff_id, "陈秀英")


def test_the_demo_can_come_later(
    database: Database, file: CredentialsFile, chief: DemoPerson
) -> None:
    [admin] = make_first_accounts(database, file, (), demo=False)
    made = make_first_accounts(database, file, [chief], demo=True)
    assert "admin" not in usernames(made)
    assert file.read() == [admin, *made]


def test_the_file_forgets_passwords_that_were_changed(
    database: Database, file: CredentialsFile
) -> None:
    made = make_first_accounts(database, file, (), demo=True)
    with database.begin() as conn:
        set_password_hash(conn, "admin", hash_password("correct horse"))
        conn.execute(text("DELETE FROM accounts WHERE username = 'analyst'"))
    forget_changed_passwords(database, file)
    assert file.read() == [c for c in made if c.username not in ("admin", "analyst")]


def test_a_file_without_a_line_goes(database: Database, file: CredentialsFile) -> None:
    [admin] = make_first_accounts(database, file, (), demo=False)
    forget_changed_passwords(database, file)
    assert file.read() == [admin]
    with database.begin() as conn:
        set_password_hash(conn, "admin", hash_password("correct horse"))
    forget_changed_passwords(database, file)
    assert not file.path.exists()
    forget_changed_passwords(database, file)


def test_accounts_whose_passwords_cannot_be_kept_are_not_made(
    database: Database, tmp_path: Path
) -> None:
    nowhere = CredentialsFile(tmp_path / "gone")
    with pytest.raises(OSError, match="gone"):
        make_first_accounts(database, nowhere, (), demo=False)
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM accounts")) == 0


def test_the_simulators_token_of_the_last_run_ends(database: Database, accounts: Accounts) -> None:
    old = issue_simulator_token(database, datetime.now(UTC))
    new = issue_simulator_token(database, datetime.now(UTC))
    assert accounts.identify(new).account.role is Role.GATEWAY
    with pytest.raises(NotSignedIn):
        accounts.identify(old)


def test_whoever_is_on_duty_goes_on_from_where_they_were_seen(database: Database) -> None:
    at = datetime.now(UTC)
    with database.begin() as conn:
        ids = {
            code: conn.execute(
                insert(units)
                .values(
                    code=code,
                    kind=kind,
                    name=code,
                    role="grid_worker",
                    always_on_duty=kind == "vehicle",
                )
                .returning(units.c.id)
            ).scalar_one()
            for code, kind in [("GW-01", "person"), ("GW-02", "person"), ("VH-01", "vehicle")]
        }
        conn.execute(insert(duty_sessions).values(unit_id=ids["GW-01"], began_at=at))
        for code in ("GW-01", "GW-02"):
            conn.execute(
                insert(positions).values(
                    unit_id=ids[code], at=at, moved_at=at, lon=118.6, lat=34.5, seq=1
                )
            )
    now = datetime.now(UTC)
    assert units_on_patrol(database, now) == {"GW-01": (118.6, 34.5), "VH-01": None}

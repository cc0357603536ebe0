"""The roles of accounts and what each may do."""

from pathlib import Path

import pytest

from api.accounts import Permission, Role, permissions_of
from api.accounts.handbook import with_tables
from api.accounts.roles import why_fixed

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
FIELD = ("grid_worker", "inspector", "liaison", "patroller", "enforcement_officer")
MAP = "read_grids read_layers"
READS = f"{MAP} read_positions read_tracks read_cases"
COMMAND = (
    f"{READS} read_staff read_names unmask export create_cases act_on_cases read_inspections "
    "acknowledge_alerts manage_plans watch_cameras"
)

# What is agreed, written down a second time.
AGREED = {
    "admin": " ".join(Permission),
    "dispatcher": f"{COMMAND} draw_inspections manage_areas manage_places",
    "grid_chief": f"{COMMAND} post_fixes_own",
    **dict.fromkeys(
        FIELD, f"{READS} read_names create_cases act_on_cases post_fixes_own read_inspections"
    ),
    "department_handler": f"{MAP} read_cases act_on_cases read_names",
    "analyst": f"{READS} export",
    "auditor": "read_audit",
    "gateway": "post_fixes_any",
    "sensor_gateway": "post_readings",
    "device": "post_fixes_device",
}


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_is_agreed_and_no_more(role: Role) -> None:
    assert permissions_of(role) == set(AGREED[role].split())


def test_the_page_about_security_shows_the_tables_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run: python -m api.accounts.handbook docs/security.md"


def test_an_installation_gives_and_takes_permissions() -> None:
    overrides = {"read_names": True, "export": False, "a_word_of_old": True}
    changed = permissions_of(Role.ANALYST, overrides=overrides)
    assert changed - permissions_of(Role.ANALYST) == {Permission.READ_NAMES}
    assert permissions_of(Role.ANALYST) - changed == {Permission.EXPORT}


def test_what_an_account_was_granted_itself_is_kept_when_its_role_loses_it() -> None:
    kept = permissions_of(Role.ANALYST, overrides={"export": False}, granted=["export"])
    assert Permission.EXPORT in kept


def test_nothing_makes_an_administrator_of_whoever_must_not_be_one() -> None:
    for role in (Role.AUDITOR, Role.GATEWAY, Role.SENSOR_GATEWAY, Role.DEVICE):
        assert why_fixed(role, Permission.ADMINISTER)
        given = permissions_of(role, overrides={"administer": True}, granted=["administer"])
        assert given == permissions_of(role)
    assert permissions_of(Role.ADMIN, overrides={"administer": False}) == set(Permission)


def test_a_machine_and_an_auditor_need_no_grid_and_a_machine_sees_nobody() -> None:
    assert not any(role.works_in_a_grid for role in (Role.AUDITOR, Role.DEVICE))
    assert Role.DEVICE.sees_only_self
    assert not Role.DEVICE.sees_everything

from datetime import UTC, datetime, timedelta

import pytest

from api.accounts import Role
from api.accounts.settings import SignInSettings
from gis.errors import InstallationError


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("", set()),
        ("admin", {Role.ADMIN}),
        (" admin , dispatcher,", {Role.ADMIN, Role.DISPATCHER}),
    ],
)
def test_the_roles_that_need_a_second_factor_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str, roles: set[Role]
) -> None:
    monkeypatch.setenv("WANGGE_TOTP_ROLES", text)
    assert SignInSettings().totp_roles == roles


def test_a_role_that_is_none_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_TOTP_ROLES", "admin,boss")
    with pytest.raises(InstallationError, match=r"'boss'.*dispatcher"):
        SignInSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("WANGGE_SESSION_HOURS", "0"), ("WANGGE_PASSWORD_DAYS", "often")],
)
def test_a_value_that_cannot_be_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InstallationError, match=f"^{name} cannot be '{value}'"):
        SignInSettings.from_environment()


def test_a_password_is_too_old_after_its_days() -> None:
    changed, day = datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=1)
    settings = SignInSettings(password_days=90)
    assert not settings.is_too_old(changed, changed + 90 * day)
    assert settings.is_too_old(changed, changed + 91 * day)
    assert not SignInSettings().is_too_old(changed, changed + 9_000 * day)

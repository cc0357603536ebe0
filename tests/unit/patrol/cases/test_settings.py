"""What an installation decides about its cases."""

from datetime import timedelta

import pytest

from gis.errors import InstallationError
from patrol.cases.case import Tier
from patrol.cases.settings import CaseSettings


def test_usually_the_second_report_is_for_the_chief_the_third_for_the_town_and_then_the_county() -> (
    None
):
    settings = CaseSettings.model_construct()
    assert [settings.tier_of(reports) for reports in (1, 2, 3, 4, 9)] == [
        *(None, Tier.CHIEF, Tier.TOWN, Tier.COUNTY, Tier.COUNTY)
    ]


def test_an_installation_decides_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("REMIND_HOURS", "1.5"), ("CHIEF_AT", "3"), ("TOWN_AT", "5")):
        monkeypatch.setenv(f"WANGGE_CASES_{name}", value)
    monkeypatch.setenv("WANGGE_CASES_COUNTY_AT", "8")
    settings = CaseSettings.from_environment()
    assert settings.remind_before == timedelta(minutes=90)
    assert [settings.tier_of(reports) for reports in (2, 3, 5, 8)] == [
        *(None, Tier.CHIEF, Tier.TOWN, Tier.COUNTY)
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("TOWN_AT", "2"), ("COUNTY_AT", "3"), ("CHIEF_AT", "1"), ("CALLBACK_DAYS", "0")],
)
def test_what_cannot_be_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"WANGGE_CASES_{name}", value)
    with pytest.raises(InstallationError, match=f"WANGGE_CASES_{name} cannot be"):
        CaseSettings.from_environment()

"""What an installation decides about its cases."""

from datetime import timedelta

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from patrol.cases.case import Tier
from patrol.clocks.rule import DeadlineRule, RuleKind


class CaseSettings(EnvironmentSettings):
    """When a quarter of its term is left, `WANGGE_CASES_REMIND_HOURS` at most, the owner of a case is
    reminded; it comes under supervision when it has been overdue for `_SUPERVISE_DAYS` working days;
    without an answer to the callback it is closed after `_CALLBACK_DAYS` working days. `_CHIEF_AT`,
    `_TOWN_AT` and `_COUNTY_AT` are how many must report the same for it to be dealt with there; what
    was complained of in the `_AGAIN_DAYS` days before counts too.
    What is reported lies `_WITHIN_KM` outside of the grids at most.

    What nobody has filed, verified, dispatched or checked for `_WAIT_HOURS` working hours, or if it is
    urgent for `_URGENT_WAIT_MINUTES`, waits for too long, and the desk or the checkers are reminded.
    """

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_CASES_", env_ignore_empty=True, frozen=True
    )

    remind_hours: float = Field(default=4.0, gt=0, le=720)
    supervise_days: int = Field(default=5, ge=1, le=365)
    callback_days: int = Field(default=5, ge=1, le=365)
    wait_hours: int = Field(default=4, ge=1, le=365)
    urgent_wait_minutes: int = Field(default=30, ge=1, le=1440)
    chief_at: int = Field(default=2, ge=2)
    town_at: int = Field(default=3, ge=2)
    county_at: int = Field(default=4, ge=2)
    again_days: int = Field(default=30, ge=0, le=365)
    within_km: float = Field(default=5.0, ge=0, le=1_000)

    @field_validator("town_at", "county_at")
    @classmethod
    def _ascends(cls, value: int, info: ValidationInfo) -> int:
        below = info.data.get("chief_at" if info.field_name == "town_at" else "town_at", value)
        if value <= below:
            raise ValueError(f"it takes more than the {below} reports of the tier below")
        return value

    @property
    def remind_before(self) -> timedelta:
        return timedelta(hours=self.remind_hours)

    @property
    def supervision(self) -> DeadlineRule:
        return DeadlineRule(kind=RuleKind.WORK_DAY, amount=self.supervise_days)

    @property
    def callback(self) -> DeadlineRule:
        return DeadlineRule(kind=RuleKind.WORK_DAY, amount=self.callback_days)

    @property
    def longest_wait(self) -> DeadlineRule:
        return DeadlineRule(kind=RuleKind.WORK_HOUR, amount=self.wait_hours)

    @property
    def longest_urgent_wait(self) -> timedelta:
        return timedelta(minutes=self.urgent_wait_minutes)

    @property
    def again(self) -> timedelta:
        return timedelta(days=self.again_days)

    def tier_of(self, reports: int) -> Tier | None:
        """How high up a case goes that so many have reported; None: not by that."""
        for tier, at in (
            (Tier.COUNTY, self.county_at),
            (Tier.TOWN, self.town_at),
            (Tier.CHIEF, self.chief_at),
        ):
            if reports >= at:
                return tier
        return None


USUAL = CaseSettings.model_construct()

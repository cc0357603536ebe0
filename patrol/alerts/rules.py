"""When something becomes an alert, and when it is over."""

from dataclasses import dataclass

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Each rule has one measure for its beginning and another for its end, and wants both to last for a
    while, so that neither a walk along a border nor a noisy phone makes an alert come and go.

    A place counts as clearly outside when not even the fix's accuracy brings it back. A fix less
    accurate than `worst_accuracy_m` says nothing about places.
    """

    worst_accuracy_m: float = 100.0
    left_m: float = 30.0  # outside the home grid by so much
    left_s: float = 120.0
    returned_s: float = 60.0  # inside it again for so long
    entered_s: float = 30.0  # inside an area for so long
    exit_m: float = 20.0  # outside the area by so much
    exited_s: float = 60.0
    still_m: float = 100.0  # never further from where it came to stand
    still_s: float = 1800.0
    low_battery_pct: float = 15.0
    charged_pct: float = 25.0
    round_settle_s: float = 60.0  # a round is over for so long
    round_wait_s: float = 600.0  # and tracks up to then are worked out, or it is over for so long


_USUAL = Rules()


class AlertSettings(EnvironmentSettings):
    """`WANGGE_ALERT_LEFT_M` and so on: see `Rules`."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_ALERT_")

    worst_accuracy_m: float = Field(default=_USUAL.worst_accuracy_m, gt=0, le=10_000)
    left_m: float = Field(default=_USUAL.left_m, ge=0, le=10_000)
    left_s: float = Field(default=_USUAL.left_s, ge=0, le=86_400)
    returned_s: float = Field(default=_USUAL.returned_s, ge=0, le=86_400)
    entered_s: float = Field(default=_USUAL.entered_s, ge=0, le=86_400)
    exit_m: float = Field(default=_USUAL.exit_m, ge=0, le=10_000)
    exited_s: float = Field(default=_USUAL.exited_s, ge=0, le=86_400)
    still_m: float = Field(default=_USUAL.still_m, gt=0, le=10_000)
    still_s: float = Field(default=_USUAL.still_s, gt=0, le=86_400)
    low_battery_pct: float = Field(default=_USUAL.low_battery_pct, ge=0, le=100)
    charged_pct: float = Field(default=_USUAL.charged_pct, ge=0, le=100)
    round_settle_s: float = Field(default=_USUAL.round_settle_s, ge=0, le=86_400)
    round_wait_s: float = Field(default=_USUAL.round_wait_s, ge=0, le=86_400)

    @property
    def rules(self) -> Rules:
        return Rules(**self.model_dump())

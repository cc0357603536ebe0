"""Ratios that are shown with their numerator and denominator."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """So much was `reached` of what was `required`."""

    reached: int
    required: int

    @classmethod
    def sum(cls, ratios: Iterable["Ratio"]) -> "Ratio":
        """Of all of them together."""
        listed = list(ratios)
        return cls(
            reached=sum(each.reached for each in listed),
            required=sum(each.required for each in listed),
        )

    @property
    def rate(self) -> float | None:
        """None where nothing is required: that is not 100 %."""
        return self.reached / self.required if self.required else None

"""Where an exported file comes from: it says so itself, wherever it is handed on to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """`subject` is what the file is about: a unit, a grid, a layer; without people's names for whoever
    may not read them. `exported_by` is the name of an account, as on the audit."""

    subject: str
    exported_by: str
    exported_at: datetime
    reason: str

    def __str__(self) -> str:
        return f"Exported by {self.exported_by} at {self.exported_at.isoformat()}. Reason: {self.reason}"

    @property
    def instants(self) -> dict[str, datetime]:
        """What it is about in time, if that matters."""
        return {}

    def to_json(self) -> dict[str, str]:
        """For the formats that have members or keys of their own."""
        return {
            "subject": self.subject,
            **{name: at.isoformat() for name, at in self.instants.items()},
            "exported_by": self.exported_by,
            "exported_at": self.exported_at.isoformat(),
            "reason": self.reason,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodProvenance(Provenance):
    """Of what was between two instants: `since` is included, `until` is not."""

    since: datetime
    until: datetime

    @property
    def instants(self) -> dict[str, datetime]:
        return {"from": self.since, "to": self.until}

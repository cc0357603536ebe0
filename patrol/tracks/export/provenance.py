"""Where an exported file comes from: it says so itself, wherever it is handed on to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """`subject` is what the file is about: a unit, a grid, several units; without people's names for
    whoever may not read them. `exported_by` is the name of an account, as on the audit. `since` is
    included, `until` is not."""

    subject: str
    since: datetime
    until: datetime
    exported_by: str
    exported_at: datetime
    reason: str

    def __str__(self) -> str:
        return f"Exported by {self.exported_by} at {self.exported_at.isoformat()}. Reason: {self.reason}"

    def to_json(self) -> dict[str, str]:
        """For the formats that have members or keys of their own."""
        return {
            "subject": self.subject,
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "exported_by": self.exported_by,
            "exported_at": self.exported_at.isoformat(),
            "reason": self.reason,
        }

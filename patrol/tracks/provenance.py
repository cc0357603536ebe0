"""Where an exported file comes from: it says so itself, wherever it is handed on to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """`name` is what the unit may be called in the file: its code for whoever may not read names.
    `exported_by` is the name of an account, as on the audit."""

    name: str
    exported_by: str
    exported_at: datetime
    reason: str

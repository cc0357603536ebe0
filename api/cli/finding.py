"""What `wangge doctor` finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    subject: str
    verdict: Verdict
    message: str


Answer = tuple[Verdict, str]
"""What one check says of its subject."""

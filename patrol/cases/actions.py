"""What can be done to a case."""

from collections.abc import Mapping
from enum import StrEnum

from gis.errors import Conflict
from patrol.cases.case import State


class Action(StrEnum):
    REPORT = "report"
    PRE_CHECK = "pre_check"
    VERIFY = "verify"
    CLASSIFY = "classify"
    """As a wrong category was put right once; now that is CORRECT."""
    CORRECT = "correct"
    FILE = "file"
    VOID = "void"
    MERGE = "merge"
    SPLIT = "split"
    SELF_HANDLE = "self_handle"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    RETURN = "return"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    ASK_HOLD = "ask_hold"
    GRANT_HOLD = "grant_hold"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    HANDLE = "handle"
    CHECK = "check"
    REWORK = "rework"
    RATE = "rate"
    CLOSE = "close"
    REOPEN = "reopen"
    APPEAL = "appeal"
    GRANT_APPEAL = "grant_appeal"
    REFUSE = "refuse"
    URGE = "urge"
    SUPERVISE = "supervise"
    COMMENT = "comment"
    RECOMPUTE = "recompute"
    REPEAT = "repeat"
    REATTRIBUTE = "reattribute"
    IMPORT = "import"
    RESTATE = "restate"
    RESCHEDULE = "reschedule"
    KEEP = "keep"


class ActionNotAllowed(Conflict):
    """The case is not, or no longer, in a state that allows the action. `state` is the one it is in."""

    code = "action_not_allowed"

    def __init__(self, message: str, *, state: State, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.state = state

    @property
    def members(self) -> Mapping[str, str]:
        """What the problem document has beside its usual members."""
        return {"state": self.state}

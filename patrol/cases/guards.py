"""What must be true of a case, beside its state, for an action. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from patrol.cases.case import Case, Tier, Wish

TWO_DAYS = timedelta(days=2)
MOST_EXTENSIONS = 2
LONGEST_HOLD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Guard:
    """`code` names it in a refusal, `words` say in the documentation what it asks for, and `refusal`
    follows "Case 1 " in the message of one."""

    code: str
    words: str
    refusal: str
    holds: Callable[[Case, datetime], bool]


def _is_asked_for(wish: Wish) -> Callable[[Case, datetime], bool]:
    return lambda case, _at: case.request is not None and case.request.wish is wish


def _was_just_dispatched(case: Case, at: datetime) -> bool:
    return case.dispatched_at is None or at - case.dispatched_at <= TWO_DAYS


JUST_DISPATCHED = Guard(
    "too_late",
    "within 2 days of the dispatch",
    "was dispatched too long ago to be returned. Ask the chief of its grid to help with the handling.",
    _was_just_dispatched,
)
NOT_FORCED = Guard(
    "forced",
    "not after a wrong return",
    "was returned once and sent back, so it stays where it is. Ask for it to be escalated instead.",
    lambda case, _at: not case.forced,
)
NOT_AT_THE_TOP = Guard(
    "at_the_top",
    "below the county",
    "is at the county already, and there is nobody above.",
    lambda case, _at: case.tier is None or case.tier.above is not None,
)
WAS_ESCALATED = Guard(
    "at_the_bottom",
    "above the grid",
    "is at the grid already, and there is nobody below.",
    lambda case, _at: case.tier is not None and case.tier is not Tier.GRID,
)
NOTHING_ASKED = Guard(
    "already_asked",
    "nothing else asked for",
    "waits for an answer to what was asked for before.",
    lambda case, _at: case.request is None,
)
SOMETHING_ASKED = Guard(
    "nothing_asked",
    "something asked for",
    "waits for no answer: nobody has asked for anything.",
    lambda case, _at: case.request is not None,
)
HOLD_ASKED = Guard(
    "nothing_asked",
    "a hold asked for",
    "has no hold that was asked for.",
    _is_asked_for(Wish.HOLD),
)
EXTENSION_ASKED = Guard(
    "nothing_asked",
    "an extension asked for",
    "has no extension that was asked for.",
    _is_asked_for(Wish.EXTENSION),
)
APPEAL_ASKED = Guard(
    "nothing_asked",
    "an appeal",
    "has no appeal that is to be decided.",
    _is_asked_for(Wish.APPEAL),
)
CAN_BE_EXTENDED = Guard(
    "extended_before",
    f"at most {MOST_EXTENSIONS} times",
    f"has been extended {MOST_EXTENSIONS} times, which is all there is.",
    lambda case, _at: case.extensions < MOST_EXTENSIONS,
)
NOT_OVERDUE = Guard(
    "overdue",
    "not when overdue",
    "is overdue, and what is overdue gets no extension. Handle it, and appeal afterwards.",
    lambda case, at: not case.is_overdue(at),
)
OVERDUE = Guard(
    "not_overdue",
    "overdue",
    "was handled in time: there is nothing to appeal against.",
    lambda case, at: case.is_overdue(at),
)
NOT_APPEALED = Guard(
    "appealed_before",
    "once",
    "was appealed against before.",
    lambda case, _at: not case.appealed,
)
NOT_SUPERVISED = Guard(
    "supervised_before",
    "once",
    "is supervised already.",
    lambda case, _at: case.supervised_at is None,
)
PROVISIONAL = Guard(
    "not_provisional",
    "provisional",
    "is due by a calendar that was announced: there is nothing to work out again.",
    lambda case, _at: case.provisional,
)
SAID_OTHERWISE = Guard(
    "nothing_said",
    "its ticket says otherwise",
    "says what its ticket says: there is nothing to be left as it is.",
    lambda case, _at: case.restated is not None,
)
NOT_REOPENED = Guard(
    "reopened",
    "not when reopened",
    "was reopened, and is due by the term of its category since: the deadline of its ticket is over.",
    lambda case, _at: case.cycle == 1,
)
NOT_RATED = Guard(
    "rated_before",
    "once",
    "was rated before.",
    lambda case, _at: case.rating is None,
)

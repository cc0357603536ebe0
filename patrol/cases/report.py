"""What somebody reports, and what it becomes where they left it open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from unicodedata import category as unicode_category
from uuid import UUID

from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.categories.built_in import OTHER
from patrol.clocks.calendar import FIRST_YEAR, LAST_YEAR
from patrol.duty.contact import check_phone

DESCRIPTION_LIMIT = 2_000
NOTE_LIMIT = 2_000
REPORTER_LIMIT = 200
EXTERNAL_LIMIT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The ticket of another system that a report comes from: its number, what it is called there, when
    it was told there and when it is due there. `ended` is what it says of its end, once it is over
    there."""

    number: str
    category: str | None = None
    at: datetime | None = None
    due_at: datetime | None = None
    ended: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report as it came. `lon` and `lat` are WGS-84 degrees. `category` is a code, and `urgent` None
    is as that category says. `about_staff_id` is whom it is about, where that is somebody on the staff:
    somebody else has to see to it. `handled` is what the reporter did about it at once, who needs nobody
    else then. `photos` and, of what was handled, `photos_after` are what they have sent before
    (`patrol.photos`). `origin` is where it was known before, `fields` what is said in those of the
    category. `reporter` is who reports and how to reach them; `joins` the number of the open case that
    it is a part of at once."""

    lon: float
    lat: float
    description: str
    category: str
    urgent: bool | None
    source: Source
    reporter: str | None
    about_staff_id: int | None
    handled: str | None = None
    photos: tuple[UUID, ...] = ()
    photos_after: tuple[UUID, ...] = ()
    origin: Origin | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    joins: str | None = None


def read_report(
    *,
    lon: float,
    lat: float,
    description: str,
    role: str,
    category: str | None = None,
    urgent: bool | None = None,
    source: Source | None = None,
    reporter: str | None = None,
    phone: str | None = None,
    about_staff_id: int | None = None,
    handled: str | None = None,
    photos: Iterable[UUID] = (),
    photos_after: Iterable[UUID] = (),
    external_number: str | None = None,
    external_category: str | None = None,
    external_due_at: datetime | None = None,
    told_at: datetime | None = None,
    fields: Mapping[str, object] | None = None,
    joins: str | None = None,
) -> Report:
    """A report needs a position and a description. The rest follows from the category and from the
    `role` of the account that sends it. Whether there is such a category is looked up in the transaction
    that makes the case. `phone` is that of the `reporter`. Raises InvalidInput.
    """
    text = read_text(description, field="description", limit=DESCRIPTION_LIMIT)
    if text is None:
        raise InvalidInput(
            "The description is empty; say in a few words what is wrong.", field="description"
        )
    after = tuple(photos_after)
    if after and not handled:
        raise InvalidInput(
            "Photos of afterwards belong to what was handled at once; say in `handled` what was done.",
            field="photos_after",
        )
    if joins and handled:
        raise InvalidInput(
            "What was handled at once is a case of its own; leave `joins` or `handled` out.",
            field="joins",
        )
    return Report(
        lon=lon,
        lat=lat,
        description=text,
        category=category or OTHER,
        urgent=urgent,
        source=usual_source(role) if source is None else source,
        reporter=read_reporter(reporter, phone),
        about_staff_id=about_staff_id,
        handled=read_text(handled, field="handled", limit=NOTE_LIMIT),
        photos=tuple(photos),
        photos_after=after,
        origin=read_origin(external_number, external_category, told_at, external_due_at),
        fields=fields or {},
        joins=(joins or "").strip().upper() or None,
    )


def read_reporter(name: str | None, phone: str | None) -> str | None:
    """Who reports, and their telephone in its one form (`patrol.duty.contact`), as one text. Raises
    InvalidInput."""
    said = read_text(name, field="reporter", limit=REPORTER_LIMIT)
    number = check_phone(phone) if phone and phone.strip() else None
    return " ".join(filter(None, (said, number))) or None


def read_origin(
    number: str | None, category: str | None, at: datetime | None, due_at: datetime | None
) -> Origin | None:
    """None without a number, which the others are nothing without. Raises InvalidInput, also for what
    was due before it was told."""
    number = read_text(number, field="external_number", limit=EXTERNAL_LIMIT)
    category = read_text(category, field="external_category", limit=EXTERNAL_LIMIT)
    if due_at is not None and not FIRST_YEAR < due_at.year < LAST_YEAR:
        raise InvalidInput(
            f"A deadline lies in the years {FIRST_YEAR + 1} to {LAST_YEAR - 1}; correct it.",
            field="external_due_at",
            code="outside_calendar",
        )
    if at is not None and due_at is not None and due_at < at:
        raise InvalidInput(
            "Its deadline is before it was told; correct the one or the other.",
            field="external_due_at",
            code="due_before_told",
        )
    if number is not None:
        return Origin(number=number, category=category, at=at, due_at=due_at)
    if category is not None or at is not None or due_at is not None:
        raise InvalidInput(
            "What another system says of a ticket needs its number there; send external_number.",
            field="external_number",
        )
    return None


def read_text(value: str | None, *, field: str, limit: int) -> str | None:
    """`value` without the white space around it; None when nothing is left. Raises InvalidInput."""
    text = (value or "").strip()
    if len(text) > limit:
        raise InvalidInput(
            f"{field} has {len(text):,} characters; {limit:,} are allowed.", field=field
        )
    if any(unicode_category(letter) in ("Cc", "Cs") and letter not in "\n\r\t" for letter in text):
        raise InvalidInput(f"{field} holds a control character; remove it.", field=field)
    return text or None


def usual_source(role: str) -> Source:
    """The telephone for those who sit beside it, one's own eyes for everybody else."""
    return Source.HOTLINE if role in ("admin", "dispatcher") else Source.PATROL


def case_number(day: date, count: int) -> str:
    """The number of the `count`-th case of a local day: AH20261122-0001 (AH for 案号)."""
    return f"AH{day:%Y%m%d}-{count:04d}"

"""What somebody reports, and what it becomes where they left it open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from unicodedata import category as unicode_category
from uuid import UUID

from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.details import Details, Reported
from patrol.categories.built_in import OTHER

DESCRIPTION_LIMIT = 2_000
NOTE_LIMIT = 2_000
REPORTER_LIMIT = 200
EXTERNAL_LIMIT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The ticket of another system that a report comes from: its number, what it is called there, and
    when it was told there. `ended` is what it says of its end, once it is over there."""

    number: str
    category: str | None = None
    at: datetime | None = None
    ended: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report as it came. `lon` and `lat` are WGS-84 degrees. `category` is a code, and `urgent` None
    is as that category says. `about_staff_id` is whom it is about, where that is somebody on the staff:
    somebody else has to see to it. `handled` is what the reporter did about it at once, who needs nobody
    else then. `photos` and, of what was handled, `photos_after` are what they have sent before
    (`patrol.photos`). `origin` is where it was known before,
    `fields` what is said in those of the category."""

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

    def is_the_one(self, reported: Details | None) -> bool:
        """Whether it was written down so: the same report, sent again."""
        return (
            isinstance(reported, Reported)
            and (self.lon, self.lat) == (reported.lon, reported.lat)
            and (self.source, self.category) == (reported.source, reported.category)
            and self.description == reported.description
            and self.urgent in (None, reported.urgent)
        )


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
    about_staff_id: int | None = None,
    handled: str | None = None,
    photos: Iterable[UUID] = (),
    photos_after: Iterable[UUID] = (),
    external_number: str | None = None,
    external_category: str | None = None,
    told_at: datetime | None = None,
    fields: Mapping[str, object] | None = None,
) -> Report:
    """A report needs a position and a description. The rest follows from the category and from the
    `role` of the account that sends it. Whether there is such a category is looked up in the transaction
    that makes the case. Raises InvalidInput.
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
    return Report(
        lon=lon,
        lat=lat,
        description=text,
        category=category or OTHER,
        urgent=urgent,
        source=usual_source(role) if source is None else source,
        reporter=read_text(reporter, field="reporter", limit=REPORTER_LIMIT),
        about_staff_id=about_staff_id,
        handled=read_text(handled, field="handled", limit=NOTE_LIMIT),
        photos=tuple(photos),
        photos_after=after,
        origin=read_origin(external_number, external_category, told_at),
        fields=fields or {},
    )


def read_origin(number: str | None, category: str | None, at: datetime | None) -> Origin | None:
    """None without a number, which the others are nothing without. Raises InvalidInput."""
    number = read_text(number, field="external_number", limit=EXTERNAL_LIMIT)
    category = read_text(category, field="external_category", limit=EXTERNAL_LIMIT)
    if number is not None:
        return Origin(number=number, category=category, at=at)
    if category is not None or at is not None:
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

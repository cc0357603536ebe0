"""What somebody reports, and what it becomes where they left it open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from unicodedata import category as unicode_category
from uuid import UUID

from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.categories import OTHER, Category, category_of

DESCRIPTION_LIMIT = 2_000
NOTE_LIMIT = 2_000
REPORTER_LIMIT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report that can be used as it is. `lon` and `lat` are WGS-84 degrees. `about_staff_id` is whom
    it is about, where that is somebody on the staff: somebody else has to see to it. `handled` is what
    the reporter did about it at once, who needs nobody else then. `photos` and, of what was handled,
    `photos_after` are what they have sent before (`patrol.photos`)."""

    lon: float
    lat: float
    description: str
    category: Category
    urgent: bool
    source: Source
    reporter: str | None
    about_staff_id: int | None
    handled: str | None = None
    photos: tuple[UUID, ...] = ()
    photos_after: tuple[UUID, ...] = ()


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
) -> Report:
    """A report needs a position and a description. The rest follows from the category and from the
    `role` of the account that sends it. Raises InvalidInput.
    """
    kind = OTHER if category is None else category_of(category)
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
        category=kind,
        urgent=kind.urgent if urgent is None else urgent,
        source=usual_source(role) if source is None else source,
        reporter=read_text(reporter, field="reporter", limit=REPORTER_LIMIT),
        about_staff_id=about_staff_id,
        handled=read_text(handled, field="handled", limit=NOTE_LIMIT),
        photos=tuple(photos),
        photos_after=after,
    )


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

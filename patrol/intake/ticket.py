"""A ticket of another system, read from a row of its list."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.cases.report import EXTERNAL_LIMIT, Report, read_report
from patrol.categories.built_in import OTHER
from patrol.categories.tree import Categories
from patrol.duty.contact import check_phone
from patrol.intake.columns import Field
from patrol.intake.times import read_time

ReadPosition = Callable[[float, float, Crs], tuple[float, float]]
"""lon and lat in a coordinate system, to WGS-84. Raises InvalidInput."""

_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_CLOSED = ("closed", "resolved", "已办结", "办结", "已结案", "结案", "已关闭", "关闭", "已完成")
_YES = frozenset({"是", "紧急", "特急", "加急", "yes", "y", "true", "1", "urgent"})
_CRS_WORDS: Mapping[str, Crs] = {
    **{each.value: each for each in Crs},
    **{"wgs84": Crs.WGS84, "2000": Crs.CGCS2000, "国家2000": Crs.CGCS2000},
    **{"火星坐标系": Crs.GCJ02, "火星坐标": Crs.GCJ02, "高德": Crs.GCJ02, "腾讯": Crs.GCJ02},
    **{"百度坐标系": Crs.BD09, "百度": Crs.BD09, "bd09ll": Crs.BD09},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """`row` is where it stands in its list. `report` is what it says, its origin always there. `status`
    and `closed_at` are those of the other system; one that is closed is over there."""

    row: int
    report: Report
    status: str | None = None
    closed_at: datetime | None = None

    @property
    def number(self) -> str:
        assert self.report.origin is not None
        return self.report.origin.number

    @property
    def told_at(self) -> datetime | None:
        assert self.report.origin is not None
        return self.report.origin.at

    @property
    def due_at(self) -> datetime | None:
        assert self.report.origin is not None
        return self.report.origin.due_at

    @property
    def category_said(self) -> str | None:
        assert self.report.origin is not None
        return self.report.origin.category


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a list is read: `crs` and `zone` are of what says none; `history` are cases that are kept as
    they were."""

    source: Source
    crs: Crs
    zone: tzinfo
    history: bool
    categories: Categories
    read_position: ReadPosition
    now: datetime


def read_ticket(row: int, cells: Mapping[Field, str], reading: Reading) -> Ticket:
    """Raises InvalidInput, which says why the row cannot be used."""
    said = cells.get(Field.CATEGORY, "")[:EXTERNAL_LIMIT]
    category = reading.categories.called(said)
    lon, lat = _position(cells, reading)
    ticket = Ticket(
        row=row,
        report=read_report(
            lon=lon,
            lat=lat,
            description=_description(cells),
            role="dispatcher",
            category=OTHER if category is None else category.code,
            urgent=True if cells.get(Field.URGENT, "").casefold() in _YES else None,
            source=reading.source,
            reporter=" ".join(filter(None, (cells.get(Field.REPORTER), _phone(cells)))),
            external_number=_number(cells),
            external_category=said,
            told_at=_time(cells, Field.TOLD_AT, reading),
            external_due_at=_time(cells, Field.DUE_AT, reading),
        ),
        status=cells.get(Field.STATUS) or None,
        closed_at=_time(cells, Field.CLOSED_AT, reading),
    )
    return check_ticket(ticket, now=reading.now, history=reading.history)


def check_ticket(ticket: Ticket, *, now: datetime, history: bool) -> Ticket:
    """The same. Raises InvalidInput for times that cannot be."""
    told, closed = ticket.told_at, ticket.closed_at
    is_over = ticket.closed_at is not None or is_closed(ticket.status)
    if told is None and (history or is_over):
        raise InvalidInput(
            "It does not say when it was told (told_at), which an old case needs.",
            code="no_told_at",
        )
    if is_over and closed is None:
        raise InvalidInput(
            f"It is {ticket.status} without the time at which it was closed (closed_at).",
            code="no_closed_at",
        )
    if told is not None and told > now:
        raise InvalidInput(
            f"It was told at {told:%Y-%m-%d %H:%M} UTC, which is still to come.", code="to_come"
        )
    if closed is not None and closed > now:
        raise InvalidInput(
            f"It was closed at {closed:%Y-%m-%d %H:%M} UTC, which is still to come.", code="to_come"
        )
    if closed is not None and told is not None and closed < told:
        raise InvalidInput("It was closed before it was told.", code="closed_before_told")
    return ticket


def is_closed(status: str | None) -> bool:
    """Whether the word for a state says that it is over."""
    return (status or "").casefold().startswith(_CLOSED)


def said_to_be_over(ticket: Ticket) -> Report:
    """What a ticket says that another system has closed since."""
    assert ticket.report.origin is not None
    closed = "" if ticket.closed_at is None else f"{ticket.closed_at:%Y-%m-%d %H:%M} UTC"
    words = " ".join(
        filter(None, ("对方系统已办结 closed in its own system", closed, ticket.status))
    )
    origin = replace(ticket.report.origin, ended=words[:500])
    return replace(ticket.report, origin=origin)


def _number(cells: Mapping[Field, str]) -> str:
    number = cells.get(Field.NUMBER, "")
    if not number:
        raise InvalidInput("It has no number.", code="no_number")
    if _SHORTENED.fullmatch(number):
        raise InvalidInput(
            f"{number} is a number after a spreadsheet shortened it; make the column text.",
            code="shortened_number",
        )
    return number


def _phone(cells: Mapping[Field, str]) -> str | None:
    """In its one form. What is none stays as it is: many a list has them masked, or several."""
    cell = cells.get(Field.PHONE)
    try:
        return cell and check_phone(cell)
    except InvalidInput:
        return cell


def _description(cells: Mapping[Field, str]) -> str:
    text = cells.get(Field.DESCRIPTION) or cells.get(Field.CATEGORY) or ""
    address = cells.get(Field.ADDRESS)
    return f"{text}\n{address}" if text and address and address not in text else text


def _position(cells: Mapping[Field, str], reading: Reading) -> tuple[float, float]:
    numbers = []
    for each in (Field.LON, Field.LAT):
        cell = cells.get(each, "")
        if not cell:
            raise InvalidInput(
                "It has no position: find the place, and give lon and lat.", code="no_position"
            )
        try:
            numbers.append(float(cell))
        except ValueError:
            raise InvalidInput(
                f"The {each} {cell[:30]!r} is not a number.", code="no_position"
            ) from None
    lon, lat = numbers
    if math.isfinite(lon) and math.isfinite(lat) and lon == round(lon) and lat == round(lat):
        raise InvalidInput(
            f"{lon:g}, {lat:g} are whole degrees: a position that somebody rounded is no position.",
            code="whole_degrees",
        )
    return reading.read_position(lon, lat, _crs(cells.get(Field.CRS, ""), reading.crs))


def _crs(cell: str, usual: Crs) -> Crs:
    if not cell:
        return usual
    word = re.sub(r"[\s_-]", "", cell.casefold())
    if word not in _CRS_WORDS:
        raise InvalidInput(
            f"{cell[:30]!r} is no coordinate system; write {', '.join(Crs)}.", code="unknown_crs"
        )
    return _CRS_WORDS[word]


def _time(cells: Mapping[Field, str], field: Field, reading: Reading) -> datetime | None:
    cell = cells.get(field, "")
    return read_time(cell, reading.zone) if cell else None

"""The calendar that clocks of cases run by: days that are not plain, working hours, what is due when."""

from datetime import UTC, date, datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.instants import Instant
from api.uploads import form_body, received_files
from api.windows import WindowBody
from data.files.rows import ROW_SUFFIXES
from data.files.untrusted import StrangersFile
from data.files.untrusted_rows import read_untrusted_rows
from gis.local_time import LOCAL
from patrol.clocks.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_WINDOWS,
    Source,
    SpecialDay,
    WorkCalendar,
)
from patrol.clocks.days import MOST_DAYS, check_days, read_day, read_days
from patrol.clocks.deadline import due
from patrol.clocks.rule import read_rule
from patrol.clocks.store import remove_day, set_days, set_hours

router = APIRouter(prefix="/calendar", tags=["calendar"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES, Permission.ADMINISTER)]
MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
_TABLE = form_body(
    {
        "files": {
            "type": "array",
            "maxItems": 1,
            "items": {"type": "string", "format": "binary"},
            "description": f"One of {', '.join(sorted(ROW_SUFFIXES))}.",
        }
    }
)
DayInPath = Annotated[date, Path(alias="date", examples=["2027-02-05"])]


class DayBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    is_working: bool
    name: Annotated[str, Field(examples=["本地节日"])]


class DatedDayBody(DayBody):
    date: date


class DaysBody(BaseModel):
    """Such as the State Council's list for a year, which makes the year certain."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[DatedDayBody], Field(min_length=1, max_length=MOST_DAYS)]


class HoursBody(BaseModel):
    """Within one day, in order, with breaks between them."""

    model_config = ConfigDict(extra="forbid")

    hours: Annotated[
        list[WindowBody],
        Field(
            min_length=1,
            max_length=MOST_WINDOWS,
            examples=[[{"from": "08:30", "to": "12:00"}, {"from": "14:00", "to": "17:30"}]],
        ),
    ]


class DayItem(BaseModel):
    """`name_en` is null for what the administrator entered."""

    date: date
    is_working: bool
    name: str
    name_en: str | None
    source: Source

    @classmethod
    def of(cls, day: SpecialDay) -> "DayItem":
        return cls(
            date=day.day,
            is_working=day.is_working,
            name=day.name,
            name_en=day.name_en,
            source=day.source,
        )


class HoursAnswer(BaseModel):
    """`day_s` is the length of a working day."""

    hours: list[WindowBody]
    day_s: int

    @classmethod
    def of(cls, calendar: WorkCalendar) -> "HoursAnswer":
        return cls(
            hours=[WindowBody.model_validate(window.to_json()) for window in calendar.hours],
            day_s=int(calendar.day_length.total_seconds()),
        )


class YearAnswer(HoursAnswer):
    """`days` are those that are not plain: weekdays work, weekends rest. From `provisional_from` on an
    announcement is still to come; null when the year is certain."""

    year: int
    working_days: int
    provisional_from: date | None
    days: list[DayItem]


class DaysAnswer(BaseModel):
    new: int
    changed: int
    unchanged: int


class DueAnswer(BaseModel):
    """`rule` in its short form. `is_provisional`: it may change when a year is announced."""

    rule: str
    words_zh: str
    words_en: str
    start: datetime
    due: datetime
    is_provisional: bool


@router.get("", summary="The calendar of a year")
def get_calendar(
    _caller: MayRead,
    services: ServicesDep,
    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None,
) -> YearAnswer:
    """Without a `year` of the present one, in China."""
    year = year or datetime.now(LOCAL).year
    with services.database.begin() as conn:
        calendar = services.calendars.current(conn)
    first, last = date(year, 1, 1), date(year, 12, 31)
    return YearAnswer(
        **HoursAnswer.of(calendar).model_dump(by_alias=True),
        year=year,
        working_days=calendar.count_working_days(first, last),
        provisional_from=calendar.provisional_from(year),
        days=[DayItem.of(each) for each in calendar.special_days(year)],
    )


@router.get("/due", summary="When a term ends")
def get_due(
    _caller: MayRead,
    services: ServicesDep,
    rule: Annotated[
        str, Query(description="2h, 3d, 4wh, 5wd, 5wdh, or 5个工作日.", examples=["5wd"])
    ],
    start: Annotated[Instant | None, Query(description="Now, if left out.")] = None,
) -> DueAnswer:
    """To try a term out: urgent hours (`h`), natural days (`d`), working hours (`wh`), working days to
    the close of the last (`wd`) or by the hour (`wdh`)."""
    term, begins = read_rule(rule), start or datetime.now(UTC)
    with services.database.begin() as conn:
        calendar = services.calendars.current(conn)
    ends = due(term, begins, calendar)
    return DueAnswer(
        rule=term.to_text(),
        words_zh=term.to_words("zh"),
        words_en=term.to_words("en"),
        start=begins,
        due=ends.at,
        is_provisional=ends.is_provisional,
    )


@router.put("/days", summary="Set several days")
def set_calendar_days(body: DaysBody, caller: MayAdminister, services: ServicesDep) -> DaysAnswer:
    """All of them or none; other days stay as they are. The same list again changes nothing."""
    days = check_days(
        [read_day(each.date, is_working=each.is_working, name=each.name) for each in body.days]
    )
    with services.database.begin() as conn:
        done = set_days(conn, caller.who, days)
    return DaysAnswer(new=done.new, changed=done.changed, unchanged=done.unchanged)


@router.post("/days/import", summary="Set days from a table", openapi_extra=_TABLE)
async def import_calendar_days(
    request: Request, caller: MayAdminister, services: ServicesDep
) -> DaysAnswer:
    """Columns date, kind (rest or work) and name (日期, 类型 休 or 班, 名称). All of its days are set,
    or none: 422 `bad_rows` names the rows that cannot be used."""
    async with received_files(request, suffixes=ROW_SUFFIXES, most_files=1) as received:
        [file] = received.files
        table = StrangersFile(path=file.path, label=file.label)
        return await to_thread.run_sync(_import, table, caller, services)


def _import(table: StrangersFile, caller: Caller, services: Services) -> DaysAnswer:
    days = read_days(table.label, read_untrusted_rows(table)).whole()
    with services.database.begin() as conn:
        done = set_days(conn, caller.who, days)
    return DaysAnswer(new=done.new, changed=done.changed, unchanged=done.unchanged)


@router.put("/days/{date}", summary="Make a day a working day, or a day of rest")
def set_calendar_day(
    day: DayInPath, body: DayBody, caller: MayAdminister, services: ServicesDep
) -> DayItem:
    """Whatever the law says of it."""
    special = read_day(day, is_working=body.is_working, name=body.name)
    with services.database.begin() as conn:
        set_days(conn, caller.who, [special])
    return DayItem.of(special)


@router.delete(
    "/days/{date}", status_code=status.HTTP_204_NO_CONTENT, summary="Take back a day of one's own"
)
def delete_calendar_day(day: DayInPath, caller: MayAdminister, services: ServicesDep) -> None:
    """What the law says of it holds again."""
    with services.database.begin() as conn:
        remove_day(conn, caller.who, day)


@router.put("/hours", summary="Set the working hours")
def set_calendar_hours(
    body: HoursBody, caller: MayAdminister, services: ServicesDep
) -> HoursAnswer:
    """Of all working days, at once. Terms that were worked out before stay as they are."""
    with services.database.begin() as conn:
        set_hours(conn, caller.who, [window.read() for window in body.hours])
        return HoursAnswer.of(services.calendars.current(conn))

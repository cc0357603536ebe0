"""Reports: what a period came to, fixed once it is over."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.downloads import place_for_one, send_file, temporary_file
from api.report_answers import ReportAnswer, ReportList, WholeReportAnswer
from data.audit import record
from patrol.reports.kind import ReportKind
from patrol.reports.printing import Language, Printed, ReportFormat, filename, write_report
from patrol.reports.service import read_within

router = APIRouter(prefix="/reports", tags=["figures"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES)]
MayMake = Annotated[Caller, requires(Permission.EXPORT)]
ReportNumber = Annotated[int, Path(alias="id", ge=1, lt=2**63)]


class ReportBody(BaseModel):
    """`date` is any day of the period, in China; the period must be over. `grid` is one of one's own,
    with everything under it; without it, the whole installation. `reason` says why there is to be
    another version where there is one already."""

    model_config = ConfigDict(extra="forbid")

    kind: ReportKind
    day: Annotated[date, Field(alias="date", ge=date(2000, 1, 1), examples=["2026-10-01"])]
    grid: str | None = None
    reason: Annotated[str | None, Field(min_length=1, max_length=500)] = None


@router.get("", summary="The reports of one's grids")
def list_reports(
    caller: MayRead,
    services: ServicesDep,
    kind: ReportKind | None = None,
    grid: Annotated[str | None, Query(description="Of exactly this grid.")] = None,
) -> ReportList:
    """The newest period first, and of the same the newest version; at most 500."""
    found = services.reports.list(caller.viewer, kind=kind, grid=grid)
    return ReportList(items=[ReportAnswer.of(each, caller.names) for each in found])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a report")
def make_report(body: ReportBody, caller: MayMake, services: ServicesDep) -> ReportAnswer:
    """Of a period that is over; it is never changed. Those of the last week, month, quarter and year
    make themselves in the night. It is on the audit, with its checksum."""
    made = services.reports.make(
        body.kind, body.day, body.grid, caller.who, caller.viewer, reason=body.reason
    )
    return ReportAnswer.of(made, caller.names)


@router.get("/{id}", summary="A report")
def read_report(
    report_id: ReportNumber, caller: MayRead, services: ServicesDep
) -> WholeReportAnswer:
    """As it was when it was made."""
    found = services.reports.read(report_id, caller.viewer)
    with_staff = Permission.READ_STAFF in caller.permissions
    return WholeReportAnswer.whole(found, caller.names, with_staff=with_staff)


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            to.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for to in ReportFormat
        },
    }
}


@router.get(
    "/{id}/download",
    summary="A report as a file",
    response_class=StreamingResponse,
    responses=_FILE,
)
def download_report(
    *,
    report_id: ReportNumber,
    caller: MayMake,
    services: ServicesDep,
    to: Annotated[ReportFormat, Query(alias="format")],
    language: Language = Language.ZH,
) -> StreamingResponse:
    """One page that needs nothing else, its print, or a workbook with a sheet for each table. It is on
    the audit."""
    with (
        place_for_one(services),
        services.database.begin(caller.viewer) as conn,
        temporary_file() as (file, keep),
    ):
        found = read_within(conn, report_id)
        printed = Printed(
            report=found.report,
            content=found.content,
            language=language,
            name_of=caller.names.of_staff,
            with_staff=Permission.READ_STAFF in caller.permissions,
        )
        now = datetime.now(UTC).replace(microsecond=0)
        write_report(printed, file, to=to, exported_by=caller.username, exported_at=now)
        details = {"format": to.value, "language": language.value}
        record(conn, caller.who, "report.export", f"report {report_id}", details=details)
        keep()
    return send_file(file, filename(printed, to), to.media_type)

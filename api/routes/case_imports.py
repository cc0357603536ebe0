"""Lists of tickets of other systems."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.access import Caller, Permission, requires
from api.case_imports import CaseImportAnswer, cases_of, for_the_audit, read_list, refused_table
from api.context import Services, ServicesDep
from api.place_imports import require_everywhere
from api.uploads import Received, form_body, received_files
from data.audit import record
from data.files.rows import ROW_SUFFIXES
from data.files.untrusted import StrangersFile
from data.files.untrusted_rows import read_untrusted_rows
from gis.errors import InvalidInput, NotPermitted
from patrol.intake.importing import Intake, Outcome
from patrol.intake.store import find_known

router = APIRouter(tags=["cases"])

MayImport = Annotated[Caller, requires(Permission.CREATE_CASES)]
_MOST_LIVE = 5_000
_TEXT = {"type": "string"}
_BODY = form_body(
    {
        "files": {
            "type": "array",
            "maxItems": 1,
            "items": {"type": "string", "format": "binary"},
            "description": f"One of {', '.join(sorted(ROW_SUFFIXES))}, UTF-8 or GB 18030; 64 MB.",
        },
        "preview": {"type": "boolean", "description": "Only say what would become of it."},
        "history": {
            "type": "boolean",
            "description": "Old cases: kept as they were, nobody is sent or told. For administrators.",
        },
        "after_row": {"type": "integer", "description": "Only what stands below this row …"},
        "most": {"type": "integer", "description": "… and of that the first so many rows."},
        "source": {**_TEXT, "description": "hotline, if left out."},
        "crs": {**_TEXT, "description": "Of the positions that name none: wgs84, gcj02, bd09 …"},
        "zone": {**_TEXT, "description": "Of the times; Asia/Shanghai, if left out."},
        "mapping": {
            "type": "array",
            "items": _TEXT,
            "description": "column=field, such as 工单号=number; a column= is left out.",
        },
    }
)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "What became of it"}
}


@router.post(
    "/case-imports",
    summary="Cases of another system's list",
    openapi_extra=_BODY,
    responses=_ANSWERS,
    response_model=CaseImportAnswer,
)
async def import_cases(
    request: Request,
    caller: MayImport,
    services: ServicesDep,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> CaseImportAnswer | Response:
    """Each row with a number, a position and words becomes a case, once: the same list again makes none.
    Open ones are reported and dispatched; those that are closed there are kept as they were. A row that
    cannot be used is refused with its reason, and stops no other; `format=csv` answers these rows as a
    table, to be corrected and sent again. `preview=true` says what would become of it. A long list may
    be taken a part at a time: `most` rows, and then the same file with `after_row` = `next_row`."""
    async with received_files(request, suffixes=ROW_SUFFIXES, most_files=1) as received:
        require_everywhere(caller)
        history = _flag(received, "history")
        if history and Permission.ADMINISTER not in caller.permissions:
            raise NotPermitted("Only an administrator may bring old cases; leave history out.")
        answer, table = await to_thread.run_sync(_import, received, caller, services, history)
    if form == "csv":
        return Response(table, media_type="text/csv; charset=utf-8")
    return answer


def _import(
    received: Received, caller: Caller, services: Services, history: bool
) -> tuple[CaseImportAnswer, bytes]:
    [file] = received.files
    preview = _flag(received, "preview")
    rows = read_untrusted_rows(StrangersFile(path=file.path, label=file.label))
    with services.database.begin(caller.viewer) as conn:
        sheet, reading = read_list(
            conn,
            file.label,
            rows,
            source=received.field("source"),
            crs=received.field("crs"),
            zone=received.field("zone"),
            mapping=received.fields.get("mapping", ()),
            history=history,
            whatever_is_missing=preview,
        )
    after_row, most = _number(received, "after_row"), _number(received, "most")
    sheet, next_row = sheet.part(after_row or 0, most or len(rows))
    if not preview and not history and len(sheet.tickets) > _MOST_LIVE:
        raise InvalidInput(
            f"{file.label} has {len(sheet.tickets):,} tickets; at most {_MOST_LIVE:,} are reported by "
            "one request. Send it in parts, or import it with 'wangge cases import'.",
            field="files",
        )
    intake = Intake(
        services.database, services.grid_indexes, services.cases, lambda: datetime.now(UTC)
    )
    actor = caller.actor
    if preview:
        outcome = intake.preview(sheet.tickets, actor, history=history)
    else:
        # Before anything is done: a case that was made is on the record even when this breaks off.
        begun = CaseImportAnswer.of(sheet, Outcome(), reading, preview=False)
        with services.database.begin(caller.viewer) as conn:
            record(conn, caller.who, "case.import", details=for_the_audit(begun, file.label))
        outcome = intake.take(sheet.tickets, actor, history=history)
    answer = CaseImportAnswer.of(sheet, outcome, reading, preview=preview)
    answer.next_row = next_row
    if not preview:
        with services.database.begin(caller.viewer) as conn:
            known = find_known(conn, reading.source, [each.number for each in sheet.tickets])
        answer.cases = cases_of(sheet, outcome, known)
    return answer, refused_table(sheet, outcome)


def _flag(received: Received, name: str) -> bool:
    """Raises InvalidInput."""
    word = (received.field(name) or "false").lower()
    if word not in ("true", "false"):
        raise InvalidInput(f"{name} is true or false.", field=name)
    return word == "true"


def _number(received: Received, name: str) -> int | None:
    """Raises InvalidInput."""
    word = received.field(name)
    if not word:
        return None
    if not word.isascii() or not word.isdigit() or len(word) > 9:
        raise InvalidInput(f"{name} is a number of rows, such as 200.", field=name)
    return int(word)

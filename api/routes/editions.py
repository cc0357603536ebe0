"""Grid editions from files that somebody sends."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request, Response, status
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.edition_answers import (
    ColumnChoice,
    DraftAnswer,
    EditionAnswer,
    FileColumns,
    Finding,
    LayerAnswer,
    PreviewAnswer,
    RepairAnswer,
)
from api.maps_said import FilesSaid, said_of_files
from api.uploads import Received, form_body, received_files
from data.audit import record
from data.editions import (
    Draft,
    GridFields,
    Intake,
    Source,
    draft_edition,
    grids_from_files,
    preview_layer,
    read_findings,
    remember,
    remembered_fields,
)
from data.editions.fields import ROLES, named_in
from data.files import FeatureFile
from data.files.untrusted import SUFFIXES, StrangersFile, look_into_untrusted, read_untrusted
from gis.errors import InvalidInput, WanggeError
from gis.redivision import MOST_M, NARROW_M, Repair

router = APIRouter(prefix="/editions", tags=["grids"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]

_BODY = form_body(
    {
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": f"{', '.join(sorted(SUFFIXES))}; 64 MB in all.",
        },
        "level": {
            "type": "array",
            "items": {"type": "string"},
            "description": "1 to 9: of all files, or of each in their order; empty "
            "where the grids say their own.",
        },
        "name": {"type": "string", "description": "Of the edition; else today."},
        "crs": {"type": "string", "description": "What the files are in."},
        "layer": {"type": "string", "description": "Of a file of many."},
        "encoding": {"type": "string", "description": "Of a file's text."},
        **{
            f"{role}_field": {
                "type": "string",
                "description": f"The column of the {role} in all files that have it; else as "
                "remembered, or by its name.",
            }
            for role in ROLES
        },
        "map": {
            "type": "array",
            "items": {"type": "string"},
            "description": 'One file alone, as JSON: `{"file": "villages.shp", "level": 2, '
            '"code_field": "dm"}`, with any of `level`, `crs`, `layer`, `encoding` and the fields. It '
            "goes before what is said of all. `file` is called as in the preview: its own name, in an "
            "archive `town.zip/villages.shp`.",
        },
        "repair": {
            "type": "boolean",
            "default": True,
            "description": "Whether slivers are given to one of the grids around.",
        },
        "sliver_m": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MOST_M,
            "default": NARROW_M,
            "description": "Up to how many metres wide a sliver is repaired.",
        },
    }
)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Draft a grid edition from files",
    responses={200: {"model": DraftAnswer, "description": "The same grids were there already"}},
    openapi_extra=_BODY,
)
async def create_edition(
    request: Request, response: Response, caller: MayAdminister, services: ServicesDep
) -> DraftAnswer:
    """All files together are one edition. It takes effect when it is activated."""
    async with received_files(request, suffixes=SUFFIXES) as received:
        answer = await to_thread.run_sync(_draft, received, caller, services)
    if not answer.is_new:
        response.status_code = status.HTTP_200_OK
    return answer


@router.post("/preview", summary="Look into files before they are imported", openapi_extra=_BODY)
async def preview_files(
    request: Request, _caller: MayAdminister, services: ServicesDep
) -> PreviewAnswer:
    """What the files hold, what their columns would be taken for and how sure that is, their first rows,
    the levels there would be, and what would be repaired. Takes what drafting takes, and changes
    nothing."""
    async with received_files(request, suffixes=SUFFIXES) as received:
        return await to_thread.run_sync(_preview, received, services)


def _preview(received: Received, services: Services) -> PreviewAnswer:
    said = _said(received)
    looked = look_into_untrusted(said.files, **said.reading, maps=said.readings)
    with services.database.begin() as conn:
        remembered = remembered_fields(conn)
    contents = [content for _, content in looked.layers]
    named_of = named_in(
        [(each.fields, said.fields_of(each.path)) for each in contents], _fields(received)
    )
    layers = [
        LayerAnswer.of(
            preview_layer(
                content,
                named=named,
                remembered=remembered,
                level=said.level_of(source, content.path),
            )
        )
        for (source, content), named in zip(looked.layers, named_of, strict=True)
    ]
    read = {layer.file for layer in layers if layer.is_read}
    # What is wrong with a layer that nobody reads is not in the way.
    problems = (
        (layer.problem, layer.problem_code)
        for layer in layers
        if layer.problem is not None and (layer.is_read or layer.file not in read)
    )
    problem, problem_code = next(problems, (looked.problem, looked.problem_code))
    notes: Sequence[str] = ()
    repairs: Sequence[Repair] = ()
    if problem is None:
        try:
            intake = _intake(received, said, looked.maps, remembered)
            notes, repairs = intake.notes, intake.repairs
        except WanggeError as error:
            problem, problem_code = error.message, error.code
    return PreviewAnswer(
        layers=layers,
        notes=list(notes),
        repairs=[RepairAnswer.of(each) for each in repairs],
        problem=problem,
        problem_code=problem_code,
    )


def _intake(
    received: Received,
    said: FilesSaid,
    maps: Sequence[tuple[StrangersFile, FeatureFile]],
    remembered: Mapping[str, GridFields],
) -> Intake:
    """The grids of all maps together."""
    return grids_from_files(
        (
            Source(
                file=read,
                level=said.level_of(source, read.path),
                named=said.fields_of(read.path),
            )
            for source, read in maps
        ),
        _fields(received),
        remembered=remembered,
        sliver_m=_sliver_m(received),
    )


def _draft(received: Received, caller: Caller, services: Services) -> DraftAnswer:
    with services.database.begin() as conn:
        remembered = remembered_fields(conn)
    said = _said(received)
    maps = read_untrusted(said.files, **said.reading, maps=said.readings)
    intake = _intake(received, said, maps, remembered)
    now = datetime.now(UTC)
    name = received.field("name") or now.astimezone().date().isoformat()
    with services.database.begin() as conn:
        draft = draft_edition(
            conn,
            intake.grids,
            name=name[:80],
            source_crs=", ".join(sorted({read.crs or "" for _, read in maps})),
        )
        findings = read_findings(conn, draft.edition.id)
        remember(conn, intake.columns, by=caller.who.name, at=now)
        if draft.is_new:
            _record(
                conn, caller, draft, [file.label for file in received.files], len(intake.repairs)
            )
    return DraftAnswer(
        edition=EditionAnswer.of(draft.edition),
        findings=[Finding.model_validate(each) for each in findings],
        notes=list(intake.notes),
        repairs=[RepairAnswer.of(each) for each in intake.repairs],
        files=[
            FileColumns(
                file=str(each.file.path),
                columns={role: ColumnChoice.of(choice) for role, choice in each.choices.items()},
            )
            for each in intake.columns
        ],
        is_new=draft.is_new,
    )


def _said(received: Received) -> FilesSaid:
    return said_of_files(
        [StrangersFile(path=file.path, label=file.label) for file in received.files],
        _levels(received),
        {name: received.field(name) for name in ("crs", "layer", "encoding")},
        received.fields.get("map", ()),
    )


def _sliver_m(received: Received) -> float | None:
    """Up to how wide slivers are repaired; None: not at all."""
    repair = (received.field("repair") or "true").lower()
    if repair not in ("true", "false"):
        raise InvalidInput("Send repair as true or false.", field="repair")
    if repair == "false":
        return None
    said = received.field("sliver_m")
    try:
        return NARROW_M if said is None else float(said)
    except ValueError:
        raise InvalidInput("Send sliver_m as a number of metres.", field="sliver_m") from None


def _fields(received: Received) -> GridFields:
    return GridFields(**{role: received.field(f"{role}_field") for role in ROLES})


def _record(
    conn: Connection, caller: Caller, draft: Draft, labels: Sequence[str], repairs: int
) -> None:
    edition = draft.edition
    record(
        conn,
        caller.who,
        "edition.draft",
        f"edition {edition.name}",
        details={
            "id": edition.id,
            "grids": edition.grids,
            "findings": edition.findings,
            "repairs": repairs,
            "files": list(labels),
        },
    )


def _levels(received: Received) -> list[int | None]:
    words = received.fields.get("level", ())
    count = len(received.files)
    if len(words) not in (0, 1, count):
        raise InvalidInput("Send one level for all files, or one for each.", field="level")
    levels = [_level(word) for word in words] or [None]
    return levels * count if len(levels) == 1 else levels


def _level(word: str) -> int | None:
    if not word.strip():
        return None
    if word.strip() not in set("123456789"):
        raise InvalidInput(f"{word[:20]!r} is not a level from 1 to 9.", field="level")
    return int(word)

"""Grid editions from files that somebody sends."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import shapely
from anyio import to_thread
from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.uploads import Received, form_body, received_files
from data.audit import record
from data.editions import (
    Certainty,
    Choice,
    Draft,
    Edition,
    EditionState,
    GridFields,
    LayerPreview,
    Source,
    draft_edition,
    grids_from_files,
    preview_layer,
    read_findings,
    remember,
    remembered_fields,
)
from data.editions.fields import ROLES
from data.files.untrusted import SUFFIXES, StrangersFile, look_into_untrusted, read_untrusted
from gis.errors import InvalidInput
from gis.redivision import MOST_M, NARROW_M, Repair
from gis.topology import FindingKind

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
                "description": f"The column of the {role}; else as remembered, or by its name.",
            }
            for role in ROLES
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


class EditionAnswer(BaseModel):
    """In force from `valid_from` until `valid_to`; `findings` is how many the topology check has."""

    id: int
    name: str
    state: EditionState
    source_crs: str
    grids: int
    findings: int
    accepted_reason: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, edition: Edition) -> "EditionAnswer":
        return cls(**{name: getattr(edition, name) for name in cls.model_fields})


class FindingProperties(BaseModel):
    model_config = ConfigDict(extra="allow")

    kind: str
    message: str
    area_m2: float | None
    width_m: float | None = None


class Finding(BaseModel):
    """Something wrong with the topology, GeoJSON: what, and where."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: FindingProperties


class ColumnChoice(BaseModel):
    """What a column is taken for. `possible` ones are not, unless they are named."""

    field: str
    certainty: Certainty
    reason: str

    @classmethod
    def of(cls, choice: Choice) -> "ColumnChoice":
        return cls(field=choice.field, certainty=choice.certainty, reason=choice.reason)


Columns = Annotated[
    dict[str, ColumnChoice], Field(description="By role: code, name, parent and level.")
]


class FileColumns(BaseModel):
    """What the columns of one file were taken for."""

    file: str
    columns: Columns


class RepairProperties(BaseModel):
    """`kind` is what was wrong, `codes` the grids that had the ground, `to` the one that has it now.
    `gained` and `lost` are all grids whose area changed. No place is wider than `width_m`."""

    kind: FindingKind
    codes: list[str]
    to: str
    gained: list[str]
    lost: list[str]
    area_m2: float
    width_m: float
    message: str


class RepairAnswer(BaseModel):
    """Slivers that were given to one grid, GeoJSON: what, and where."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: RepairProperties

    @classmethod
    def of(cls, repair: Repair) -> "RepairAnswer":
        return cls(
            geometry=shapely.geometry.mapping(repair.geometry),
            properties=RepairProperties(
                **{
                    name: getattr(repair, name)
                    for name in RepairProperties.model_fields
                    if name not in ("area_m2", "width_m")
                },
                area_m2=round(repair.area_m2, 2),
                width_m=round(repair.width_m, 2),
            ),
        )


class DraftAnswer(BaseModel):
    """`notes` say what was changed while reading, `repairs` which slivers were given to whom. `is_new`
    is false, and the status 200, when the same grids were there already."""

    edition: EditionAnswer
    findings: list[Finding]
    notes: list[str]
    repairs: list[RepairAnswer]
    files: list[FileColumns]
    is_new: bool = Field(description="Whether this request made the edition.")


class FieldAnswer(BaseModel):
    """A column: how many of its values are there, how many differ, and the first that do."""

    name: str
    kind: str
    filled: int
    distinct: int
    samples: list[Any]


class LevelCount(BaseModel):
    """How many grids there would be of a level; null: nothing says theirs."""

    level: int | None
    grids: int


class LayerAnswer(BaseModel):
    """What a layer holds and what an import would make of it. `crs` is null where nobody says it;
    `bounds` are west, south, east and north in WGS-84; `problem` is what an import would be refused
    with."""

    file: str
    layer: str | None
    crs: str | None
    bounds: tuple[float, float, float, float] | None
    features: int
    geometries: dict[str, int]
    vertices: int
    fields: list[FieldAnswer]
    columns: Columns
    levels: list[LevelCount]
    rows: list[dict[str, Any]]
    notes: list[str]
    problem: str | None

    @classmethod
    def of(cls, preview: LayerPreview) -> "LayerAnswer":
        content = preview.content
        return cls(
            file=str(content.path),
            layer=content.layer,
            crs=content.crs,
            bounds=content.bounds,
            features=len(content.rows),
            geometries=dict(content.kinds),
            vertices=content.vertices,
            fields=[
                FieldAnswer(**{**asdict(each), "samples": list(each.samples)})
                for each in preview.fields
            ],
            columns={role: ColumnChoice.of(each) for role, each in preview.choices.items()},
            levels=[
                LevelCount(level=level, grids=grids) for level, grids in preview.levels.items()
            ],
            rows=[dict(row) for row in preview.rows],
            notes=list(content.notes),
            problem=preview.problem,
        )


class PreviewAnswer(BaseModel):
    """One entry a layer of a file."""

    layers: list[LayerAnswer]


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
    and the levels there would be. Takes what drafting takes, and changes nothing."""
    async with received_files(request, suffixes=SUFFIXES) as received:
        return await to_thread.run_sync(_preview, received, services)


def _preview(received: Received, services: Services) -> PreviewAnswer:
    files, level_of = _files(received)
    contents = look_into_untrusted(files, **_reading(received))
    with services.database.begin() as conn:
        remembered = remembered_fields(conn)
    named = _fields(received)
    return PreviewAnswer(
        layers=[
            LayerAnswer.of(
                preview_layer(
                    content, named=named, remembered=remembered, level=level_of[source.path]
                )
            )
            for source, content in contents
        ]
    )


def _draft(received: Received, caller: Caller, services: Services) -> DraftAnswer:
    files, level_of = _files(received)
    maps = read_untrusted(files, **_reading(received))
    with services.database.begin() as conn:
        remembered = remembered_fields(conn)
    intake = grids_from_files(
        (Source(file=read, level=level_of[source.path]) for source, read in maps),
        _fields(received),
        remembered=remembered,
        sliver_m=_sliver_m(received),
    )
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
            _record(conn, caller, draft, [file.label for file in files], len(intake.repairs))
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


def _files(received: Received) -> tuple[list[StrangersFile], dict[Path, int | None]]:
    """The files, and the level of the grids of each by its path."""
    files = [StrangersFile(path=file.path, label=file.label) for file in received.files]
    paths = (file.path for file in files)
    return files, dict(zip(paths, _levels(received), strict=True))


def _reading(received: Received) -> dict[str, str | None]:
    return {name: received.field(name) for name in ("crs", "layer", "encoding")}


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

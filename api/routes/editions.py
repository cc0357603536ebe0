"""Grid editions from files that somebody sends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.uploads import Received, received_files
from data.audit import record
from data.editions import (
    Draft,
    Edition,
    EditionState,
    Source,
    draft_edition,
    grids_from_files,
    read_findings,
)
from data.files.untrusted import SUFFIXES, StrangersFile, read_untrusted
from gis.errors import InvalidInput

router = APIRouter(prefix="/editions", tags=["grids"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
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
                        "encoding": {"type": "string", "description": "Of a shapefile's text."},
                    },
                }
            }
        },
    }
}


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


class Finding(BaseModel):
    """Something wrong with the topology, GeoJSON: what, and where."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: FindingProperties


class DraftAnswer(BaseModel):
    """`notes` say what was changed while reading. `is_new` is false, and the status 200, when the same
    grids were there already."""

    edition: EditionAnswer
    findings: list[Finding]
    notes: list[str]
    is_new: bool = Field(description="Whether this request made the edition.")


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


def _draft(received: Received, caller: Caller, services: Services) -> DraftAnswer:
    levels = _levels(received)
    files = [StrangersFile(path=file.path, label=file.label) for file in received.files]
    maps = read_untrusted(
        files,
        crs=received.field("crs"),
        layer=received.field("layer"),
        encoding=received.field("encoding"),
    )
    level_of = dict(zip((file.path for file in files), levels, strict=True))
    intake = grids_from_files(
        Source(file=read, level=level_of[source.path]) for source, read in maps
    )
    name = received.field("name") or datetime.now(UTC).astimezone().date().isoformat()
    with services.database.begin() as conn:
        draft = draft_edition(
            conn,
            intake.grids,
            name=name[:80],
            source_crs=", ".join(sorted({read.crs or "" for _, read in maps})),
        )
        findings = read_findings(conn, draft.edition.id)
        if draft.is_new:
            _record(conn, caller, draft, [file.label for file in files])
    return DraftAnswer(
        edition=EditionAnswer.of(draft.edition),
        findings=[Finding.model_validate(each) for each in findings],
        notes=list(intake.notes),
        is_new=draft.is_new,
    )


def _record(conn: Connection, caller: Caller, draft: Draft, labels: Sequence[str]) -> None:
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

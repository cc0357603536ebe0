"""Tracks from files that somebody sends, for the time when a phone could not send itself."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.routes.units import UnitCode
from api.uploads import Received, form_body, received_files
from data.audit import record
from data.tracks import Track, cover_with_duty, read_untrusted_track
from data.tracks.measured import Measured
from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.tracking.checks import Limits
from patrol.tracking.fix import MOST_FIXES, Fix
from patrol.tracking.units import find_unit

router = APIRouter(prefix="/units", tags=["tracks"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]

_SUFFIXES = frozenset({".gpx"})
_MOST_REASONS = 20
_BODY = form_body(
    {
        "files": {
            "type": "string",
            "format": "binary",
            "description": "One .gpx of at most 32 MB.",
        },
        "crs": {
            "type": "string",
            "enum": [*Crs],
            "description": "What its points are in, where that is not WGS-84.",
        },
    }
)


class RefusedPoints(BaseModel):
    """`first` is the earliest of them in the file, from 1."""

    reason: str
    points: int
    first: int


class TrackImport(BaseModel):
    """What became of each of the file's `points`. Of `refused` ones the most frequent reasons."""

    points: int
    accepted: int
    duplicates: int
    refused: int
    reasons: list[RefusedPoints]


@router.post("/{id}/track/import", summary="Store a track from a GPX file", openapi_extra=_BODY)
async def import_unit_track(
    request: Request, unit_code: UnitCode, caller: MayAdminister, services: ServicesDep
) -> TrackImport:
    """Whoever imports a track says that the unit was on duty all along it, and that is on the audit. A
    point without a time, or older than what this server keeps, is refused and counted. The same file
    again stores nothing."""
    async with received_files(request, suffixes=_SUFFIXES, most_files=1) as received:
        track, crs = await to_thread.run_sync(_read, received, unit_code, caller, services)
    fixes = _fixes(track, unit_code, crs)
    accepted, duplicates = 0, track.repeats
    refused = [(each.number, each.reason) for each in track.refused]
    for start in range(0, len(fixes), MOST_FIXES):
        receipt = await services.recorder.record(fixes[start : start + MOST_FIXES])
        accepted += receipt.accepted
        duplicates += receipt.duplicates
        refused += [
            (int(track.number[start + each.index]), each.message) for each in receipt.rejected
        ]
    return TrackImport(
        points=track.read,
        accepted=accepted,
        duplicates=duplicates,
        refused=len(refused),
        reasons=_reasons(refused),
    )


def _read(
    received: Received, unit_code: str, caller: Caller, services: Services
) -> tuple[Track, Crs | None]:
    """The track, and its unit on duty along it."""
    crs = _crs(received.field("crs"))
    with services.database.begin(caller.viewer) as conn:
        find_unit(conn, unit_code, caller.viewer)  # before anything is read
    [file] = received.files
    now = datetime.now(UTC)
    keep = services.settings.keep
    age = Limits().age if keep is None else keep.fixes
    assert age is not None
    track = read_untrusted_track(file.path, label=file.label, now=now, since=now - age)
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        cover_with_duty(conn, track, unit_id=unit.id)
        details: dict[str, Any] = {"file": file.label, "points": len(track)}
        if len(track):
            ends = (track.at.min().item(), track.at.max().item())
            details["from"], details["to"] = (at.replace(tzinfo=UTC).isoformat() for at in ends)
        record(conn, caller.who, "track.import", f"unit {unit.code}", details=details)
    return track, crs


def _crs(word: str | None) -> Crs | None:
    if word is None:
        return None
    try:
        return Crs(word)
    except ValueError as error:
        raise InvalidInput(f"crs must be one of {', '.join(Crs)}.", field="crs") from error


def _fixes(track: Track, unit_code: str, crs: Crs | None) -> list[Fix]:
    return [
        Fix(
            unit=unit_code,
            at=at.replace(tzinfo=UTC),
            lon=lon,
            lat=lat,
            crs=crs,
            **Measured(*measured)._asdict(),  # NaN is unknown to the recorder as well
        )
        for at, lon, lat, measured in zip(
            track.at.tolist(),
            track.lon.tolist(),
            track.lat.tolist(),
            track.measured.tolist(),
            strict=True,
        )
    ]


def _reasons(refused: Sequence[tuple[int, str]]) -> list[RefusedPoints]:
    first: dict[str, int] = {}
    for number, reason in sorted(refused):
        first.setdefault(reason, number)
    counted = Counter(reason for _, reason in refused).most_common(_MOST_REASONS)
    return [
        RefusedPoints(reason=reason, points=points, first=first[reason])
        for reason, points in counted
    ]

"""Which cameras see a place, and which grids none sees. The earth is taken as a plain: buildings, trees
and hills hide nothing here."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from data.scope import Scope
from data.sql import load_sql
from layers.cameras.camera import CameraKind, CameraState, Network

_SQL = load_sql("layers.cameras", "cameras.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """A camera that sees a place `distance_m` away, `off_axis_deg` (0 to 180) from the middle of its
    view. `azimuth_deg` leads from the camera to the place, clockwise from north."""

    code: str
    name: str
    network: Network
    kind: CameraKind
    state: CameraState
    lon: float
    lat: float
    distance_m: float
    azimuth_deg: float
    off_axis_deg: float


@dataclass(frozen=True, kw_only=True, slots=True)
class GridSight:
    """`cameras` stand in the grid; `seen_share` (0 to 1) of its area is in the view of any camera."""

    code: str
    name: str
    level: int
    cameras: int
    seen_share: float


def cameras_seeing(
    conn: Connection, lon: float, lat: float, *, online_only: bool, count: int
) -> list[Sight]:
    """The nearest first."""
    rows = conn.execute(
        text(_SQL["seeing"]), {"lon": lon, "lat": lat, "online_only": online_only, "count": count}
    )
    return [
        Sight(
            code=row.code,
            name=row.name,
            network=Network(row.network),
            kind=CameraKind(row.kind),
            state=CameraState(row.state),
            lon=row.lon,
            lat=row.lat,
            distance_m=row.distance_m,
            azimuth_deg=row.azimuth_deg or 0.0,  # none where the place is the camera's own
            off_axis_deg=angle_between(row.bearing_deg, row.azimuth_deg),
        )
        for row in rows
    ]


def angle_between(bearing_deg: float | None, azimuth_deg: float | None) -> float:
    """How far apart two directions are: 0 to 180 degrees; 0 from no direction at all, as of one that
    looks all round."""
    if bearing_deg is None or azimuth_deg is None:
        return 0.0
    return abs((azimuth_deg - bearing_deg + 180.0) % 360.0 - 180.0)


def coverage_of_grids(
    conn: Connection, edition_id: int, level: int, scope: Scope, *, online_only: bool
) -> list[GridSight]:
    """Every grid of a level in the scope, by code."""
    rows = conn.execute(
        text(_SQL["coverage"]),
        {
            "edition_id": edition_id,
            "level": level,
            "scope": scope.sql_codes(),
            "online_only": online_only,
        },
    )
    return [GridSight(**row._mapping) for row in rows]

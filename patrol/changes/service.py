"""Suspected changes in, a case out of each, and what was found there."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row, insert, select, text, update

from data.files.feature import FileFeature
from data.places import Problem
from data.rasters import Spot
from data.schema import cases, suspected_changes
from gis.errors import Conflict, InvalidInput, NotFound, WanggeError
from gis.geodesy import area_m2
from gis.polygons import polygonal
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Source, State
from patrol.cases.order import Order
from patrol.cases.report import read_report
from patrol.cases.service import CaseService
from patrol.categories.store import read_categories

MOST_CHANGES = 1_000
CATEGORY = "order.construction"
_Taken = tuple[Spot, int, Mapping[str, object]]
"""With its number in the file, and what the file says of it."""


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    FALSE = "false"


_FOUND: Mapping[Verdict, str] = MappingProxyType(
    {Verdict.CONFIRMED: "现场核实：属实", Verdict.FALSE: "现场核实：误报"}
)
"""What the case is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspectedChange:
    """An area in EPSG:4326 in which something may have changed, and the case about it. `verdict` is None
    until somebody was there; it is settled while nobody has sent the case back since."""

    id: int
    source: str
    area_m2: float
    score: float | None
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    found_at: datetime
    case_id: int
    case_number: str
    case_state: State
    is_case_handled: bool
    verdict: Verdict | None
    verdict_by: str | None
    verdict_at: datetime | None


@dataclass(slots=True)
class ChangesReport:
    """`cases` are the new ones; `unchanged` areas were suspected before."""

    cases: list[int] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """Where areas come from, what their cases are about, and who brings them."""

    source: str
    actor: Actor
    at: datetime
    category: str = CATEGORY


def take_features(
    conn: Connection, service: CaseService, features: Iterable[FileFeature], intake: Intake
) -> ChangesReport:
    """Areas of a file. One that cannot be used is refused alone. Raises InvalidInput for too many."""
    report = ChangesReport()
    taken: list[_Taken] = []
    for feature in features:
        area = polygonal(shapely.make_valid(feature.geometry))
        if area.is_empty:
            message = f"A suspected change is an area, not a {feature.geometry.geom_type}."
            report.refused.append(Problem(number=feature.number, message=message))
            continue
        spot = Spot(
            geometry=area, area_m2=area_m2(area), score=_score(feature.properties.get("score"))
        )
        taken.append((spot, feature.number, feature.properties))
    _take(conn, service, taken, report, intake)
    return report


def take_spots(
    conn: Connection, service: CaseService, spots: Iterable[Spot], intake: Intake
) -> ChangesReport:
    """Areas that were found between two pictures. Raises InvalidInput for too many."""
    report = ChangesReport()
    taken: list[_Taken] = [(spot, number, {}) for number, spot in enumerate(spots, start=1)]
    _take(conn, service, taken, report, intake)
    return report


def list_changes(
    conn: Connection, *, verdict: Verdict | None, after: int | None, count: int
) -> list[SuspectedChange]:
    """Those whose case the transaction's viewer sees, the newest first, below the id `after`."""
    statement = _select().order_by(suspected_changes.c.id.desc()).limit(count)
    if verdict is not None:
        statement = statement.where(suspected_changes.c.verdict == verdict.value)
    if after is not None:
        statement = statement.where(suspected_changes.c.id < after)
    return [_change(row) for row in conn.execute(statement)]


def find_change(conn: Connection, change_id: int) -> SuspectedChange:
    """Raises NotFound, also when the transaction's viewer does not see its case."""
    row = conn.execute(_select().where(suspected_changes.c.id == change_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no suspected change {change_id} in your grids.", field="id")
    return _change(row)


def judge_change(
    conn: Connection,
    service: CaseService,
    change_id: int,
    verdict: Verdict,
    actor: Actor,
    *,
    at: datetime,
    note: str | None = None,
    photos: Sequence[UUID] = (),
) -> SuspectedChange:
    """What was found there, by whoever may handle its case: that is handled with it, for its work was to
    go and look. One that was handled without a verdict gets it, and stays where it is.

    Raises NotFound, Conflict for a second verdict that nobody asked for, and whatever
    `CaseService.act` does.
    """
    change = find_change(conn, change_id)
    if not change.is_case_handled:
        words = "；".join(part for part in (_FOUND[verdict], note) if part)
        if change.case_state is State.DISPATCHED:
            service.act_within(conn, change.case_id, Order(action=Action.ACCEPT), actor)
        handle = Order(action=Action.HANDLE, note=words, photos=tuple(photos))
        service.act_within(conn, change.case_id, handle, actor)
    elif change.verdict is not None:
        raise Conflict(
            f"Case {change.case_number} was handled with the verdict {change.verdict}; send it back "
            "(rework, reopen) for another.",
            code="has_a_verdict",
            field="verdict",
        )
    elif photos:
        raise InvalidInput(
            f"Case {change.case_number} was handled already; send these photos with a comment on it.",
            field="photos",
        )
    conn.execute(
        update(suspected_changes)
        .where(suspected_changes.c.id == change_id)
        .values(verdict=verdict.value, verdict_by=actor.name, verdict_at=at)
    )
    return find_change(conn, change_id)


def _take(
    conn: Connection,
    service: CaseService,
    taken: Sequence[_Taken],
    report: ChangesReport,
    intake: Intake,
) -> None:
    read_categories(conn).chosen(intake.category)
    if len(taken) > MOST_CHANGES:
        raise InvalidInput(
            f"There are {len(taken):,} areas, and each would be a case; {MOST_CHANGES:,} are taken at "
            "once. Ask for larger ones only.",
            field="files",
        )
    # Two imports of the same file at once: the second waits, and finds them there.
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('suspected changes'))"))
    by_digest = {digest_of(spot.geometry): (spot, number, said) for spot, number, said in taken}
    known = set(
        conn.scalars(
            select(suspected_changes.c.digest).where(suspected_changes.c.digest.in_(by_digest))
        )
    )
    for digest, (spot, number, said) in by_digest.items():
        if digest in known:
            continue
        try:
            case_id = _report(conn, service, spot, intake)
        except WanggeError as error:
            report.refused.append(Problem(number=number, message=error.message))
            continue
        conn.execute(
            insert(suspected_changes).values(
                digest=digest,
                source=intake.source,
                area_m2=spot.area_m2,
                score=spot.score,
                properties=dict(said),
                geom=f"SRID=4326;{spot.geometry.wkt}",
                found_at=intake.at,
                case_id=case_id,
            )
        )
        report.cases.append(case_id)
    report.unchanged = len(taken) - len(by_digest) + len(known)


def _report(conn: Connection, service: CaseService, spot: Spot, intake: Intake) -> int:
    [[lon, lat]] = shapely.get_coordinates(spot.geometry.point_on_surface()).tolist()
    sure = "" if spot.score is None else f"，置信度 {spot.score:.2f}"
    report = read_report(
        lon=lon,
        lat=lat,
        description=f"疑似图斑：约 {spot.area_m2:,.0f} 平方米{sure}，来源 {intake.source}，请现场核实",
        role=intake.actor.role,
        category=intake.category,
        urgent=False,
        source=Source.CHANGE,
    )
    return service.report_within(conn, report, intake.actor)


def _score(value: object) -> float | None:
    """Of a file that says one, as what was found between two pictures does."""
    is_one = isinstance(value, int | float) and 0 <= value <= 1
    return float(value) if is_one else None  # type: ignore[arg-type]


def digest_of(geometry: BaseGeometry) -> str:
    """The same for the same area, wherever its ring begins, to a decimetre."""
    same = shapely.normalize(shapely.set_precision(geometry, 1e-6))
    return hashlib.sha256(shapely.to_wkb(same, byte_order=1)).hexdigest()[:32]


def _select() -> Any:
    return select(
        suspected_changes,
        cases.c.number.label("case_number"),
        cases.c.state.label("case_state"),
        cases.c.handled_at.label("case_handled_at"),
    ).join(cases, cases.c.id == suspected_changes.c.case_id)


def _change(row: Row[*tuple[Any, ...]]) -> SuspectedChange:
    return SuspectedChange(
        id=row.id,
        source=row.source,
        area_m2=row.area_m2,
        score=row.score,
        properties=row.properties,
        geometry=to_shape(row.geom),
        found_at=row.found_at,
        case_id=row.case_id,
        case_number=row.case_number,
        case_state=State(row.case_state),
        is_case_handled=row.case_handled_at is not None,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        verdict_by=row.verdict_by,
        verdict_at=row.verdict_at,
    )

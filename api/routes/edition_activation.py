"""What an edition would change, putting it in force now or at an instant, and what became of a grid."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

import orjson
import shapely
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.instants import Instant
from api.names import Names
from api.routes.edition_changes import EditionNow, EditionNumber, MayAdminister
from api.routes.grids import Code, MultiPolygonGeometry
from data.editions import active_edition_id, came_between, require_edition
from data.editions.drafting import require_version
from data.editions.lineage import read_lineage
from data.editions.scheduling import cancel, schedule
from data.editions.store import lock_editions
from data.scope import Viewer
from gis.errors import NotFound
from gis.geojson import DIGITS
from gis.redivision import Link, Relation
from patrol.duty.posts import Holder
from patrol.redivision import Effects, Transfer, effects_of, put_in_force

router = APIRouter(tags=["grids"])


class LinkAnswer(BaseModel):
    """Ground that a grid before (`from`) and one after (`to`) share, and its share of each. Without
    `from` it is new, without `to` gone."""

    model_config = {"populate_by_name": True}

    old: Annotated[str | None, Field(alias="from")]
    new: Annotated[str | None, Field(alias="to")]
    level: int
    relation: Relation
    area_m2: float
    share_of_from: float | None
    share_of_to: float | None

    @classmethod
    def of(cls, link: Link) -> "LinkAnswer":
        return cls(
            old=link.old,
            new=link.new,
            level=link.level,
            relation=link.relation,
            area_m2=round(link.area_m2, 2),
            share_of_from=_share(link.share_of_old),
            share_of_to=_share(link.share_of_new),
        )


class MovedProperties(BaseModel):
    model_config = {"populate_by_name": True}

    old: Annotated[str | None, Field(alias="from")]
    new: Annotated[str | None, Field(alias="to")]
    level: int
    area_m2: float


class MovedGround(BaseModel):
    type: Literal["Feature"]
    geometry: MultiPolygonGeometry
    properties: MovedProperties


class MovedGrounds(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[MovedGround]


class AffectedStaff(BaseModel):
    staff: int
    name: str
    role: str
    is_deputy: bool
    grid: str
    relation: Relation


class TransferAnswer(BaseModel):
    """Something that would be in another grid; `name` is the number of a case."""

    model_config = {"populate_by_name": True}

    id: int
    name: str
    old: Annotated[str | None, Field(alias="from")]
    new: Annotated[str | None, Field(alias="to")]

    @classmethod
    def of(cls, transfer: Transfer) -> "TransferAnswer":
        return cls(id=transfer.id, name=transfer.name, old=transfer.old, new=transfer.new)


class EditionNameAnswer(BaseModel):
    id: int
    name: str


class ComparisonAnswer(BaseModel):
    """From one edition to another. `counts` is how many codes, of before and after, a relation has.
    `came_between` are the editions that a draft was not made of and would take back, the last of them
    the one that it would replace."""

    model_config = {"populate_by_name": True}

    before: Annotated[EditionNow, Field(alias="from")]
    after: Annotated[EditionNow, Field(alias="to")]
    came_between: list[EditionNameAnswer]
    counts: dict[Relation, int]
    relations: dict[str, Relation]
    links: list[LinkAnswer]
    moved: MovedGrounds
    staff: list[AffectedStaff]
    cases: list[TransferAnswer]
    cameras: list[TransferAnswer]
    facilities: list[TransferAnswer]


class ActivationBody(BaseModel):
    """`at` is an instant to come; left out, it is now. Findings need an `accept_reason`. A draft that
    was not made of the edition that it would replace needs that one's number, `replaces`."""

    at: Instant | None = None
    accept_reason: Annotated[str | None, Field(max_length=500)] = None
    version: Annotated[int | None, Field(ge=0)] = None
    replaces: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None


class ActivationAnswer(BaseModel):
    """Of the open cases: how many there are, how many are in another grid and with another owner now;
    null when it takes effect later."""

    edition: EditionNow
    cases: int | None
    moved: int | None
    reassigned: int | None


class DescentAnswer(LinkAnswer):
    """`from_edition` was followed by `to_edition` at `since`."""

    from_edition: int
    to_edition: int
    since: datetime


class Lineage(BaseModel):
    items: list[DescentAnswer]


@router.get("/editions/{id}/comparison", response_model=ComparisonAnswer)
def compare_an_edition(
    edition_id: EditionNumber,
    caller: MayAdminister,
    services: ServicesDep,
    before: Annotated[
        int | None,
        Query(alias="with", ge=1, le=2**63 - 1, description="Else the edition in force."),
    ] = None,
) -> Response:
    """What it changes: each grid, the ground that moves, and whom and what that concerns."""
    with services.database.begin(caller.viewer) as conn:
        edition = require_edition(conn, edition_id)
        before_id = active_edition_id(conn) if before is None else before
        if before_id is None:
            raise NotFound("No edition is in force. Name the other one.", field="with")
        earlier = require_edition(conn, before_id)
        between = came_between(conn, edition)
        effects = effects_of(conn, edition_id, before_id=before_id, at=datetime.now(UTC))
    answer = {
        "from": EditionNow.of(earlier).model_dump(mode="json"),
        "to": EditionNow.of(edition).model_dump(mode="json"),
        "came_between": [asdict(each) for each in between],
        **_comparison(effects),
        "staff": [
            _staff(holder, effects, caller.names).model_dump(mode="json")
            for holder in effects.staff
        ],
        "cases": _transfers(effects.cases),
        "cameras": _transfers(effects.cameras),
        "facilities": _transfers(effects.facilities),
    }
    return Response(orjson.dumps(answer), media_type="application/json")


@router.post("/editions/{id}/activation")
def activate_an_edition(
    edition_id: EditionNumber, body: ActivationBody, caller: MayAdminister, services: ServicesDep
) -> ActivationAnswer:
    """Put a draft in force, with its lineage and the open cases in their new grids; or let it take
    effect by itself at an instant to come. 409 `base_changed` tells what came into force that it was not
    made of, and would be taken back: name it (`replaces`) if that is meant. 409 `later_scheduled`:
    another one is to follow that does not know this one."""
    now = datetime.now(UTC)
    with services.database.begin(Viewer.everything()) as conn:
        lock_editions(conn)  # before the edition's own row, as everybody does
        require_version(conn, edition_id, body.version)
        if body.at is not None:
            edition = schedule(
                conn,
                edition_id,
                caller.who,
                at=body.at,
                now=now,
                accept_reason=body.accept_reason,
                replaces=body.replaces,
            )
            return ActivationAnswer(
                edition=EditionNow.of(edition), cases=None, moved=None, reassigned=None
            )
        done = put_in_force(
            conn,
            edition_id,
            caller.who,
            at=now,
            accept_reason=body.accept_reason,
            replaces=body.replaces,
        )
    return ActivationAnswer(
        edition=EditionNow.of(done.edition),
        cases=done.cases.cases,
        moved=done.cases.moved,
        reassigned=done.cases.reassigned,
    )


@router.delete("/editions/{id}/activation")
def cancel_an_activation(
    edition_id: EditionNumber, caller: MayAdminister, services: ServicesDep
) -> EditionNow:
    """Let a draft not take effect by itself after all."""
    with services.database.begin(caller.viewer) as conn:
        return EditionNow.of(cancel(conn, edition_id, caller.who))


@router.get("/grids/{code}/lineage")
def read_grid_lineage(
    code: Code, caller: Annotated[Caller, requires(Permission.READ_GRIDS)], services: ServicesDep
) -> Lineage:
    """What the grid came from and what became of it, with each edition that took effect."""
    with services.database.begin(caller.viewer) as conn:
        found = read_lineage(conn, code)
    return Lineage(
        items=[
            DescentAnswer(
                **LinkAnswer.of(each.link).model_dump(),
                from_edition=each.from_edition_id,
                to_edition=each.to_edition_id,
                since=each.since,
            )
            for each in found
        ]
    )


def _comparison(effects: Effects) -> dict[str, object]:
    comparison = effects.comparison
    relations = list(comparison.relations.values())
    areas = [each.geometry for each in comparison.moved]
    rounded = shapely.transform(areas, lambda xy: xy.round(DIGITS))
    return {
        "counts": {each.value: relations.count(each) for each in Relation},
        "relations": dict(comparison.relations),
        "links": [
            LinkAnswer.of(link).model_dump(mode="json", by_alias=True) for link in comparison.links
        ],
        "moved": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": orjson.Fragment(geometry),
                    "properties": {
                        "from": each.old,
                        "to": each.new,
                        "level": each.level,
                        "area_m2": round(each.area_m2, 2),
                    },
                }
                for each, geometry in zip(
                    comparison.moved, shapely.to_geojson(rounded), strict=True
                )
            ],
        },
    }


def _staff(holder: Holder, effects: Effects, names: Names) -> AffectedStaff:
    assert holder.grid_code is not None  # `effects_of` asks for those of grids
    return AffectedStaff(
        staff=holder.staff_id,
        name=names.of_staff(holder.name, holder.staff_id),
        role=holder.role,
        is_deputy=holder.is_deputy,
        grid=holder.grid_code,
        relation=effects.comparison.relations[holder.grid_code],
    )


def _transfers(transfers: Sequence[Transfer]) -> list[dict[str, object]]:
    return [TransferAnswer.of(each).model_dump(by_alias=True) for each in transfers]


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 6)

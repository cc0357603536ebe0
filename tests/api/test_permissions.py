"""Every operation against every role: inside their part of the town, outside it, and signed out.

What is tried comes from the OpenAPI document. `RULES` says of each operation who may call it and how to
call it about something; an operation that is not there fails, and so does a rule for none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from api.accounts import Permission, Role, permissions_of
from api.app import create_app
from api.rates import RateSettings
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from data.installation import Databases
from tests.accounts import new_token
from tests.small_town import NO_LIMIT_FOR_CITIZENS
from tests.streams import open_stream
from tests.town import DESCRIPTION, LAT, NOTE, REPORTER, Resident, Subject, Town, build_town

P = Permission
Operation = tuple[str, str]
Ask = Callable[[Subject], Mapping[str, Any]]

V1 = "/api/v1"
WHY = "核对巡查路线"


def nothing(_subject: Subject) -> Mapping[str, Any]:
    return {}


def is_refused(answer: httpx2.Response) -> bool:
    return answer.status_code in (403, 404)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Who may call an operation, and how it is called about a subject.

    `needs` is None where the public may and empty where whoever is signed in may. `path` fills the
    placeholders and `ask` gives what else the request has. Whoever may, about a subject of theirs, is
    answered with `status` and a body with the attributes `shows` of the subject and the words `says`.
    Where the request is `named` after a subject that is not theirs, the answer `refuses` it; elsewhere
    it has nothing of the subject.

    `of_people`: field staff see themselves only. `of_grids`: about the subject's grid, which some do not
    have. `anywhere`: no subject is out of bounds. `reveals`: shows whole telephone and identity numbers.
    `once`: wants a session that may end.
    """

    needs: tuple[Permission, ...] | None
    path: Callable[[Subject], Mapping[str, Any]] = nothing
    ask: Ask = nothing
    status: int = 200
    shows: tuple[str, ...] = ()
    says: str = ""
    refuses: Callable[[httpx2.Response], bool] = is_refused
    named: bool = False
    of_people: bool = False
    of_grids: bool = False
    anywhere: bool = False
    reveals: bool = False
    once: bool = False


def nobody(_subject: Subject) -> Mapping[str, Any]:
    return {"username": "nobody", "id": 10**9, "post": 1, "leave": 1, "code": "0" * 20}


def json(**body: Any) -> Ask:
    return lambda _subject: {"json": body}


def place(subject: Subject) -> dict[str, Any]:
    return {"lon": subject.case_lon, "lat": LAT}


def period() -> dict[str, str]:
    now = datetime.now(UTC)
    since, until = now - timedelta(minutes=10), now + timedelta(minutes=1)
    return {"from": since.isoformat(), "to": until.isoformat()}


def period_with_a_reason() -> dict[str, str]:
    return {**period(), "reason": WHY}


def fix_of(subject: Subject) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"unit": subject.unit, "at": at, "lon": subject.lon, "lat": LAT}


def osmand_of(subject: Subject) -> dict[str, Any]:
    # In milliseconds: no two of these are of the same time.
    at = int(datetime.now(UTC).timestamp() * 1000)
    return {"id": subject.unit, "timestamp": at, "lon": subject.lon, "lat": LAT}


def traccar_of(subject: Subject) -> dict[str, Any]:
    coords = {"longitude": subject.lon, "latitude": LAT}
    location = {"timestamp": datetime.now(UTC).isoformat(), "coords": coords}
    return {"device_id": subject.unit, "location": location}


PUBLIC = Rule(needs=None)
ADMINISTER = (P.ADMINISTER,)
PLANNERS = (P.MANAGE_PLANS, P.ADMINISTER)
CALENDAR_READERS = (P.READ_CASES, P.ADMINISTER)

RULES: Mapping[Operation, Rule] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/ca.crt"): Rule(needs=None, status=404),
    ("POST", f"{V1}/sessions"): Rule(needs=None, ask=json(), status=422),
    ("GET", f"{V1}/sessions/providers"): PUBLIC,
    ("GET", f"{V1}/sessions/oidc"): Rule(needs=None, status=404),
    ("GET", f"{V1}/sessions/oidc/callback"): Rule(needs=None, status=404),
    # What everybody does with their own account: far enough to be let in, and no further.
    ("GET", f"{V1}/sessions"): Rule(needs=()),
    ("DELETE", f"{V1}/sessions"): Rule(needs=(), status=204, once=True),
    ("GET", f"{V1}/sessions/all"): Rule(needs=()),
    ("DELETE", f"{V1}/sessions/all"): Rule(needs=(), status=204, once=True),
    ("PUT", f"{V1}/sessions/password"): Rule(needs=(), ask=json(), status=422),
    ("POST", f"{V1}/sessions/totp"): Rule(needs=()),
    ("PUT", f"{V1}/sessions/totp"): Rule(needs=(), ask=json(), status=422),
    ("DELETE", f"{V1}/sessions/totp"): Rule(needs=(), ask=json(), status=422),
    ("GET", f"{V1}/layers"): Rule(needs=(P.READ_LAYERS,)),
    ("GET", f"{V1}/layers/{{id}}"): Rule(needs=(P.READ_LAYERS,), path=lambda _: {"id": "cameras"}),
    ("GET", f"{V1}/layers/{{id}}/features"): Rule(
        needs=(P.READ_LAYERS,), path=lambda _: {"id": "cameras"}
    ),
    ("GET", f"{V1}/layers/{{id}}/export"): Rule(
        needs=(P.EXPORT,),
        path=lambda _: {"id": "cameras"},
        ask=lambda _: {"params": {"format": "csv", "reason": "核实群众反映"}},
    ),
    ("POST", f"{V1}/layers"): Rule(needs=ADMINISTER, status=422),
    ("POST", f"{V1}/layers/views"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PUT", f"{V1}/layers/{{id}}/features"): Rule(
        needs=ADMINISTER, path=lambda _: {"id": "cameras"}, status=422
    ),
    ("PATCH", f"{V1}/layers/{{id}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"id": "cameras"}, ask=json(), status=409
    ),
    ("DELETE", f"{V1}/layers/{{id}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"id": "cameras"}, status=409
    ),
    ("GET", f"{V1}/tiles/{{id}}.pmtiles"): Rule(
        needs=(P.READ_LAYERS,),
        path=lambda _subject: {"id": "basemap"},
        status=404,  # none was written
    ),
    ("GET", f"{V1}/basemaps"): Rule(needs=(P.READ_LAYERS,)),
    ("GET", f"{V1}/basemaps/{{id}}/{{z}}/{{x}}/{{y}}"): Rule(
        needs=(P.READ_LAYERS,),
        path=lambda _subject: {"id": "aerial", "z": 1, "x": 1, "y": 1},
        status=404,  # none is set up
    ),
    ("GET", f"{V1}/tiles/{{id}}.json"): Rule(
        needs=(P.READ_LAYERS,), path=lambda _: {"id": "cameras"}
    ),
    ("GET", f"{V1}/tiles/{{id}}/{{z}}/{{x}}/{{y}}.mvt"): Rule(
        needs=(P.READ_LAYERS,),
        path=lambda _: {"id": "cameras", "z": 11, "x": 1696, "y": 817},
        status=204,
    ),
    ("GET", f"{V1}/grids"): Rule(needs=(P.READ_GRIDS,)),
    ("GET", f"{V1}/grids/{{code}}"): Rule(
        needs=(P.READ_GRIDS,), path=lambda s: {"code": s.grid or "E1"}
    ),
    ("GET", f"{V1}/grids/{{code}}/staff"): Rule(
        needs=(P.READ_STAFF,),
        path=lambda s: {"code": s.grid},
        shows=("name", "unit"),
        named=True,
        of_grids=True,
    ),
    # Only of grids in scope: tests/api/test_grid_owners.py.
    ("GET", f"{V1}/grids/owners"): Rule(needs=(P.READ_GRIDS,)),
    ("GET", f"{V1}/grids/locate"): Rule(needs=(P.READ_GRIDS,), ask=lambda s: {"params": place(s)}),
    ("POST", f"{V1}/grids/locate/file"): Rule(needs=(P.READ_GRIDS,), status=422),
    ("POST", f"{V1}/grids/locate"): Rule(
        needs=(P.READ_GRIDS,), ask=lambda s: {"json": {"points": [place(s)]}}
    ),
    # Whoever sends of several units is told which of them are not theirs, instead of being refused.
    ("POST", f"{V1}/fixes"): Rule(
        needs=(P.POST_FIXES_ANY, P.POST_FIXES_OWN, P.POST_FIXES_DEVICE),
        ask=lambda s: {"json": [fix_of(s)]},
        says='"accepted":1',
        refuses=lambda answer: is_refused(answer) or '"accepted":0' in answer.text,
        named=True,
        of_people=True,
    ),
    # A phone is answered the same whatever became of what it sent; by a person's token never.
    **{
        (method, f"/ingest/{door}"): Rule(
            needs=(P.POST_FIXES_ANY, P.POST_FIXES_DEVICE),
            ask=ask,
            says='"accepted":1',
            refuses=lambda answer: is_refused(answer) or '"accepted":0' in answer.text,
            named=True,
            of_people=True,
        )
        for method, door, ask in (
            ("GET", "osmand", lambda s: {"params": osmand_of(s)}),
            ("POST", "osmand", lambda s: {"data": osmand_of(s)}),
            ("POST", "traccar", lambda s: {"json": traccar_of(s)}),
        )
    },
    ("POST", "/ingest/owntracks"): Rule(
        needs=(P.POST_FIXES_ANY, P.POST_FIXES_DEVICE), anywhere=True, says="[]"
    ),
    ("GET", f"{V1}/positions"): Rule(
        needs=(P.READ_POSITIONS,), shows=("unit", "lon"), of_people=True
    ),
    ("GET", f"{V1}/positions/stream"): Rule(
        needs=(P.READ_POSITIONS,), shows=("unit", "lon"), of_people=True
    ),
    ("GET", f"{V1}/units"): Rule(
        needs=(P.READ_POSITIONS,),
        ask=lambda _: {"params": {"limit": 1000}},
        shows=("unit",),
        of_people=True,
    ),
    ("GET", f"{V1}/units/{{id}}"): Rule(
        needs=(P.READ_POSITIONS,),
        path=lambda s: {"id": s.unit},
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("POST", f"{V1}/units/{{id}}/duty"): Rule(
        needs=(P.POST_FIXES_OWN, P.POST_FIXES_ANY),
        path=lambda s: {"id": s.unit},
        ask=json(on=True),
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/units/{{id}}/track"): Rule(
        needs=(P.READ_TRACKS,),
        path=lambda s: {"id": s.unit},
        ask=lambda _: {"params": period_with_a_reason()},
        shows=("unit", "lon"),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/units/{{id}}/track/export"): Rule(
        needs=(P.READ_TRACKS,),
        path=lambda s: {"id": s.unit},
        ask=lambda _: {"params": {**period_with_a_reason(), "format": "gpx"}},
        shows=("unit", "lon"),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/tracks/export"): Rule(
        needs=(P.READ_TRACKS,),
        ask=lambda s: {"params": {**period_with_a_reason(), "units": s.unit, "format": "gpx"}},
        shows=("unit", "lon"),
        named=True,
        of_people=True,
    ),
    ("POST", f"{V1}/units/{{id}}/track/import"): Rule(
        needs=ADMINISTER, path=lambda s: {"id": s.unit}, status=422
    ),
    ("GET", f"{V1}/units/{{id}}/days"): Rule(
        needs=(P.READ_TRACKS,),
        path=lambda s: {"id": s.unit},
        ask=lambda _: {"params": {"from": "2026-01-01", "to": "2026-02-01", "reason": WHY}},
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/units/{{id}}/visits"): Rule(
        needs=(P.READ_TRACKS,),
        path=lambda s: {"id": s.unit},
        ask=lambda _: {"params": period_with_a_reason()},
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/grids/{{code}}/visits"): Rule(
        needs=(P.READ_TRACKS,),
        path=lambda s: {"code": s.grid},
        ask=lambda _: {"params": period_with_a_reason()},
        shows=("grid",),
        named=True,
        of_grids=True,
    ),
    # Nobody has been anywhere for a minute yet: tests/api/test_coverage.py has who is told of whom.
    ("GET", f"{V1}/coverage/grids"): Rule(needs=(P.READ_TRACKS,), of_people=True),
    ("GET", f"{V1}/coverage/cells"): Rule(
        needs=(P.READ_TRACKS,),
        ask=lambda s: {"params": {**period(), "grid": s.grid, "resolution": 7}},
        shows=("grid",),
        says='"visits":',
        named=True,
        of_grids=True,
    ),
    # None is there: tests/api/test_plans.py has those of two grids.
    ("GET", f"{V1}/checkpoints"): Rule(needs=(P.READ_TRACKS,), says='"features":[]'),
    ("POST", f"{V1}/checkpoints"): Rule(needs=(P.MANAGE_PLANS,), ask=json(), status=422),
    ("DELETE", f"{V1}/checkpoints/{{id}}"): Rule(needs=(P.MANAGE_PLANS,), path=nobody, status=404),
    ("GET", f"{V1}/plans"): Rule(needs=(P.READ_TRACKS,), says='"items":[]'),
    ("POST", f"{V1}/plans"): Rule(needs=(P.MANAGE_PLANS,), ask=json(), status=422),
    ("GET", f"{V1}/plans/{{id}}"): Rule(needs=(P.READ_TRACKS,), path=nobody, status=404),
    ("DELETE", f"{V1}/plans/{{id}}"): Rule(needs=(P.MANAGE_PLANS,), path=nobody, status=404),
    ("GET", f"{V1}/plans/{{id}}/rounds"): Rule(
        needs=(P.READ_TRACKS,),
        path=nobody,
        ask=lambda _: {"params": period_with_a_reason()},
        status=404,
    ),
    ("GET", f"{V1}/plans/{{id}}/record"): Rule(
        needs=(P.EXPORT,),
        path=nobody,
        ask=lambda _: {"params": {**period_with_a_reason(), "format": "csv"}},
        status=404,
    ),
    # None is there: tests/api/test_rosters.py has those of two grids.
    ("GET", f"{V1}/rosters"): Rule(needs=(P.READ_TRACKS,), says='"items":[]'),
    ("POST", f"{V1}/rosters"): Rule(needs=(P.MANAGE_PLANS,), ask=json(), status=422),
    ("GET", f"{V1}/rosters/{{id}}"): Rule(needs=(P.READ_TRACKS,), path=nobody, status=404),
    ("DELETE", f"{V1}/rosters/{{id}}"): Rule(needs=(P.MANAGE_PLANS,), path=nobody, status=404),
    ("GET", f"{V1}/rosters/{{id}}/shifts"): Rule(
        needs=(P.READ_TRACKS,),
        path=nobody,
        ask=lambda _: {"params": period_with_a_reason()},
        status=404,
    ),
    ("POST", f"{V1}/rosters/{{id}}/substitutions"): Rule(
        needs=(P.MANAGE_PLANS,),
        path=nobody,
        ask=json(**{"from": "2026-11-27T00:00:00Z", "staff": 1, "substitute": 2}),
        status=404,
    ),
    ("GET", f"{V1}/duty"): Rule(needs=(P.READ_TRACKS,), says='"items":[]'),
    ("GET", f"{V1}/nearby"): Rule(
        needs=(P.READ_TRACKS,),
        ask=lambda s: {
            "params": {**period_with_a_reason(), "lon": s.lon, "lat": LAT, "radius_m": 10}
        },
        shows=("unit",),
        of_people=True,
    ),
    ("GET", f"{V1}/replay"): Rule(
        needs=(P.READ_TRACKS,),
        ask=lambda s: {"params": {**period_with_a_reason(), "units": s.unit}},
        shows=("unit", "lon_e6"),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/departments"): Rule(needs=CALENDAR_READERS, says='"items"'),
    ("POST", f"{V1}/departments"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PUT", f"{V1}/departments/{{code}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"code": "nowhere"}, ask=json(name_zh="无"), status=404
    ),
    ("GET", f"{V1}/cases/categories"): Rule(needs=(P.READ_CASES,)),
    ("POST", f"{V1}/cases/categories"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("GET", f"{V1}/cases/categories/export"): Rule(needs=ADMINISTER, says="路灯损坏"),
    ("POST", f"{V1}/cases/categories/import"): Rule(needs=ADMINISTER, status=422),
    ("PUT", f"{V1}/cases/categories/{{code}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"code": "facility.lamp"}, ask=json(), status=422
    ),
    ("POST", f"{V1}/cases/categories/{{code}}/restore"): Rule(
        needs=ADMINISTER, path=lambda _: {"code": "nowhere"}, status=404
    ),
    ("GET", f"{V1}/cases/duplicates"): Rule(
        needs=(P.READ_CASES,),
        ask=lambda s: {"params": {**place(s), "category": "other"}},
        shows=("number",),
    ),
    ("GET", f"{V1}/cases"): Rule(needs=(P.READ_CASES,), shows=("number", "case_lon")),
    ("GET", f"{V1}/cases/{{id}}"): Rule(
        needs=(P.READ_CASES,), path=lambda s: {"id": s.case}, shows=("number",), named=True
    ),
    ("POST", f"{V1}/cases"): Rule(
        needs=(P.CREATE_CASES,),
        ask=json(lon=118.15, lat=LAT, description="井盖松动"),  # in the east
        status=201,
        anywhere=True,
    ),
    ("POST", f"{V1}/case-imports"): Rule(needs=(P.CREATE_CASES,), status=422, anywhere=True),
    ("GET", f"{V1}/case-duplicates"): Rule(
        needs=(P.READ_CASES,), ask=lambda _: {"params": period()}, says='"next":null'
    ),
    # From itself: refused to whoever sees the case. tests/api/test_case_duplicates.py has who may.
    **{
        (method, f"{V1}/cases/{{id}}/distinct/{{other}}"): Rule(
            needs=(P.ACT_ON_CASES,),
            path=lambda s: {"id": s.case, "other": s.case},
            status=422,
            named=True,
        )
        for method in ("POST", "DELETE")
    },
    # In a state that does not allow it: refused to whoever sees the case, and nothing has changed.
    ("POST", f"{V1}/cases/{{id}}/actions"): Rule(
        needs=(P.ACT_ON_CASES,),
        path=lambda s: {"id": s.case},
        ask=json(action="close"),
        status=409,
        named=True,
    ),
    ("POST", f"{V1}/cases/{{id}}/unmask"): Rule(
        needs=(P.UNMASK,),
        path=lambda s: {"id": s.case},
        ask=json(reason=WHY),
        says=REPORTER,
        named=True,
        reveals=True,
    ),
    ("POST", f"{V1}/photos"): Rule(needs=(P.CREATE_CASES, P.ACT_ON_CASES), status=422),
    # None is there: tests/api/test_photos.py has whose are seen by whom.
    **{
        ("GET", f"{V1}/photos/{{id}}{size}"): Rule(
            needs=(P.READ_CASES, P.CREATE_CASES, P.ACT_ON_CASES),
            path=lambda _subject: {"id": "00000000-0000-4000-8000-000000000000"},
            status=404,
        )
        for size in ("", "/thumbnail")
    },
    # What somebody's code shows: tests/api/test_citizens.py.
    ("GET", f"{V1}/public/categories"): PUBLIC,
    ("GET", f"{V1}/public/town"): PUBLIC,
    ("GET", f"{V1}/public/place"): Rule(needs=None, ask=lambda s: {"params": place(s)}),
    ("GET", f"{V1}/public/basemap/{{z}}/{{x}}/{{y}}.mvt"): Rule(
        needs=None, path=lambda _: {"z": 11, "x": 1696, "y": 817}, status=204
    ),
    ("GET", f"{V1}/public/duplicates"): Rule(
        needs=None, ask=lambda s: {"params": {**place(s), "category": "safety.help"}}
    ),
    ("POST", f"{V1}/public/photos"): Rule(needs=None, status=422),
    ("POST", f"{V1}/public/reports"): Rule(needs=None, ask=json(), status=422),
    **{
        (method, f"{V1}/public/reports/{{number}}{rest}"): Rule(
            needs=None,
            path=lambda _subject: {"number": "0" * 41, "id": "no photo"},
            ask=json() if method == "POST" else nothing,
            status=422,
        )
        for method, rest in (
            ("GET", ""),
            ("POST", "/actions"),
            ("GET", "/photos/{id}"),
            ("GET", "/photos/{id}/thumbnail"),
        )
    },
    ("GET", f"{V1}/alerts"): Rule(
        needs=(P.READ_POSITIONS,),
        ask=lambda _: {"params": {"limit": 1000}},
        shows=("unit", "lon"),
        of_people=True,
    ),
    ("GET", f"{V1}/alerts/{{id}}"): Rule(
        needs=(P.READ_POSITIONS,),
        path=lambda s: {"id": s.alert},
        shows=("unit", "lon"),
        named=True,
        of_people=True,
    ),
    ("POST", f"{V1}/alerts/{{id}}/acknowledge"): Rule(
        needs=(P.ACKNOWLEDGE_ALERTS,),
        path=lambda s: {"id": s.alert},
        ask=json(note="已致电"),
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("POST", f"{V1}/alerts/{{id}}/case"): Rule(
        needs=(P.ACKNOWLEDGE_ALERTS,),
        path=lambda s: {"id": s.alert},
        shows=("unit",),
        named=True,
        of_people=True,
    ),
    ("GET", f"{V1}/areas"): Rule(needs=(P.READ_POSITIONS,)),
    ("POST", f"{V1}/areas"): Rule(needs=(P.MANAGE_AREAS,), ask=json(), status=422),
    ("DELETE", f"{V1}/areas/{{id}}"): Rule(needs=(P.MANAGE_AREAS,), path=nobody, status=404),
    # Where cameras are is on the map for everybody; tests/api/test_cameras.py has whose may be watched.
    ("GET", f"{V1}/cameras"): Rule(needs=(P.READ_LAYERS,), says='"features":[]'),
    ("POST", f"{V1}/cameras"): Rule(needs=(P.MANAGE_PLACES,), ask=json(), status=422),
    ("POST", f"{V1}/cameras/import"): Rule(needs=(P.MANAGE_PLACES,), status=422),
    ("GET", f"{V1}/cameras/seeing"): Rule(
        needs=(P.READ_LAYERS,), ask=lambda s: {"params": place(s)}, says='"items":[]'
    ),
    ("GET", f"{V1}/cameras/coverage"): Rule(needs=(P.READ_LAYERS,)),
    ("GET", f"{V1}/cameras/{{code}}"): Rule(needs=(P.READ_LAYERS,), path=nobody, status=404),
    ("PATCH", f"{V1}/cameras/{{code}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, ask=json(name="x"), status=404
    ),
    ("DELETE", f"{V1}/cameras/{{code}}"): Rule(needs=(P.MANAGE_PLACES,), path=nobody, status=404),
    ("POST", f"{V1}/cameras/{{code}}/stream"): Rule(
        needs=(P.WATCH_CAMERAS,), path=nobody, status=404
    ),
    ("GET", f"{V1}/video_rounds"): Rule(needs=(P.WATCH_CAMERAS,), says='"items":[]'),
    ("POST", f"{V1}/video_rounds"): Rule(needs=(P.MANAGE_PLACES,), ask=json(), status=422),
    ("GET", f"{V1}/video_rounds/{{id}}"): Rule(needs=(P.WATCH_CAMERAS,), path=nobody, status=404),
    ("DELETE", f"{V1}/video_rounds/{{id}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, status=404
    ),
    ("GET", f"{V1}/video_rounds/{{id}}/schedule"): Rule(
        needs=(P.WATCH_CAMERAS,), path=nobody, status=404
    ),
    # None is there: tests/api/test_changes.py has who sees whose.
    ("GET", f"{V1}/changes"): Rule(needs=(P.READ_CASES,), says='"features":[]'),
    ("POST", f"{V1}/changes"): Rule(needs=(P.MANAGE_PLACES,), status=422),
    ("GET", f"{V1}/changes/{{id}}"): Rule(needs=(P.READ_CASES,), path=nobody, status=404),
    ("POST", f"{V1}/changes/{{id}}/verdict"): Rule(
        needs=(P.ACT_ON_CASES,), path=nobody, ask=json(verdict="false"), status=404
    ),
    ("GET", f"{V1}/facilities"): Rule(needs=(P.READ_LAYERS,), says='"features":[]'),
    ("POST", f"{V1}/facilities"): Rule(needs=(P.MANAGE_PLACES,), ask=json(), status=422),
    ("PATCH", f"{V1}/facilities/{{code}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, ask=json(name="x"), status=404
    ),
    ("DELETE", f"{V1}/facilities/{{code}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, status=404
    ),
    ("GET", f"{V1}/facilities/kinds"): Rule(needs=(P.READ_LAYERS,), says='"items":[]'),
    ("GET", f"{V1}/facilities/imports"): Rule(needs=(P.MANAGE_PLACES,), says='"items":[]'),
    ("POST", f"{V1}/facilities/import"): Rule(needs=(P.MANAGE_PLACES,), status=422),
    ("DELETE", f"{V1}/facilities/imports/{{id}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, status=404
    ),
    ("GET", f"{V1}/facilities/{{code}}"): Rule(needs=(P.READ_LAYERS,), path=nobody, status=404),
    ("GET", f"{V1}/sensors"): Rule(needs=(P.READ_LAYERS,), says='"features":[]'),
    ("POST", f"{V1}/sensors"): Rule(needs=(P.MANAGE_PLACES,), ask=json(), status=422),
    ("POST", f"{V1}/sensors/import"): Rule(needs=(P.MANAGE_PLACES,), status=422),
    ("POST", f"{V1}/sensors/readings"): Rule(
        needs=(P.POST_READINGS,), ask=json(readings=[]), says='"stored":0'
    ),
    ("GET", f"{V1}/sensors/{{code}}"): Rule(needs=(P.READ_LAYERS,), path=nobody, status=404),
    ("DELETE", f"{V1}/sensors/{{code}}"): Rule(needs=(P.MANAGE_PLACES,), path=nobody, status=404),
    ("GET", f"{V1}/sensors/{{code}}/readings"): Rule(
        needs=(P.READ_LAYERS,), path=nobody, status=404
    ),
    # tests/api/test_sensors.py has who is told of the case.
    ("GET", f"{V1}/sensors/{{code}}/exceedances"): Rule(
        needs=(P.READ_LAYERS,), path=nobody, status=404
    ),
    ("GET", f"{V1}/sensor_rules"): Rule(needs=(P.READ_LAYERS,), says='"items":[]'),
    ("POST", f"{V1}/sensor_rules"): Rule(needs=(P.MANAGE_PLACES,), ask=json(), status=422),
    ("DELETE", f"{V1}/sensor_rules/{{id}}"): Rule(
        needs=(P.MANAGE_PLACES,), path=nobody, status=404
    ),
    ("GET", f"{V1}/staff"): Rule(
        needs=(P.READ_STAFF,),
        ask=lambda _: {"params": {"limit": 1000}},
        shows=("name", "unit"),
    ),
    ("POST", f"{V1}/staff/{{id}}/unmask"): Rule(
        needs=(P.UNMASK,),
        path=lambda s: {"id": s.staff},
        ask=json(reason=WHY),
        shows=("phone",),
        named=True,
        reveals=True,
    ),
    # None is there: tests/api/test_inspections.py has those of two grids.
    ("GET", f"{V1}/inspections"): Rule(needs=(P.READ_INSPECTIONS,)),
    ("POST", f"{V1}/inspections"): Rule(needs=(P.DRAW_INSPECTIONS,), ask=json(), status=422),
    ("GET", f"{V1}/inspections/{{id}}"): Rule(needs=(P.READ_INSPECTIONS,), path=nobody, status=404),
    ("POST", f"{V1}/inspections/{{id}}/draw"): Rule(
        needs=(P.DRAW_INSPECTIONS,),
        path=nobody,
        ask=json(public_number="7", witness="dice"),
        status=404,
    ),
    ("POST", f"{V1}/inspections/{{id}}/cancel"): Rule(
        needs=(P.DRAW_INSPECTIONS,), path=nobody, ask=json(reason=WHY), status=404
    ),
    # What administrators do is tried on somebody and something that is not there.
    ("POST", f"{V1}/staff"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PATCH", f"{V1}/staff/{{id}}"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(name="某人"), status=404
    ),
    ("POST", f"{V1}/staff/{{id}}/posts"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(role="patroller", grid="E1"), status=404
    ),
    ("PATCH", f"{V1}/staff/{{id}}/posts/{{post}}"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(to="2030-01-01T00:00:00Z"), status=404
    ),
    # Of people in scope: tests/api/test_leaves.py.
    ("GET", f"{V1}/staff/{{id}}/leaves"): Rule(needs=PLANNERS, path=nobody, status=404),
    ("POST", f"{V1}/staff/{{id}}/leaves"): Rule(
        needs=PLANNERS, path=nobody, ask=json(kind="annual"), status=404
    ),
    ("PATCH", f"{V1}/staff/{{id}}/leaves/{{leave}}"): Rule(
        needs=PLANNERS, path=nobody, ask=json(to="2030-01-01T00:00:00Z"), status=404
    ),
    ("POST", f"{V1}/staff/{{id}}/leaves/{{leave}}/cancel"): Rule(
        needs=PLANNERS, path=nobody, status=404
    ),
    ("POST", f"{V1}/units"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PATCH", f"{V1}/units/{{id}}"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(name="某车"), status=404
    ),
    ("GET", f"{V1}/accounts"): Rule(needs=ADMINISTER),
    ("POST", f"{V1}/accounts"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PATCH", f"{V1}/accounts/{{username}}"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(disabled=True), status=404
    ),
    ("POST", f"{V1}/accounts/{{username}}/password"): Rule(
        needs=ADMINISTER, path=nobody, status=404
    ),
    ("DELETE", f"{V1}/accounts/{{username}}/sessions"): Rule(
        needs=ADMINISTER, path=nobody, status=404
    ),
    ("DELETE", f"{V1}/accounts/{{username}}/totp"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("POST", f"{V1}/accounts/{{username}}/tokens"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("POST", f"{V1}/editions"): Rule(needs=ADMINISTER, status=422),
    ("GET", f"{V1}/editions"): Rule(needs=ADMINISTER),
    ("POST", f"{V1}/editions/copies"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("GET", f"{V1}/editions/{{id}}"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("DELETE", f"{V1}/editions/{{id}}"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/editions/{{id}}/grids"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/editions/{{id}}/findings"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/editions/{{id}}/changes"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("POST", f"{V1}/editions/{{id}}/changes"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(kind="snap"), status=404
    ),
    ("POST", f"{V1}/editions/{{id}}/undo"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(), status=404
    ),
    ("POST", f"{V1}/editions/{{id}}/redo"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(), status=404
    ),
    ("GET", f"{V1}/editions/{{id}}/comparison"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("POST", f"{V1}/editions/{{id}}/activation"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(), status=404
    ),
    ("DELETE", f"{V1}/editions/{{id}}/activation"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/grids/{{code}}/lineage"): Rule(
        needs=(P.READ_GRIDS,), path=lambda _: {"code": "E"}
    ),
    ("POST", f"{V1}/editions/preview"): Rule(needs=ADMINISTER, status=422),
    ("GET", f"{V1}/field-mappings"): Rule(needs=ADMINISTER),
    ("DELETE", f"{V1}/field-mappings/{{mapping_id}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"mapping_id": 10**9}, status=404
    ),
    # One's own, whoever one is: tests/api/test_notices.py has those of two people.
    ("GET", f"{V1}/notices"): Rule(needs=(), says='"items":['),
    # Of what one may read: tests/api/test_stream.py. Whose cases come: tests/api/test_case_stream.py.
    ("GET", f"{V1}/stream"): Rule(needs=(), says="retry: "),
    ("POST", f"{V1}/notices/{{id}}/read"): Rule(needs=(), path=nobody, status=404),
    ("POST", f"{V1}/notices/read"): Rule(needs=(), ask=json(up_to=1), says='"unread":'),
    ("GET", f"{V1}/notices/preferences"): Rule(needs=(), says='"available":[]'),
    ("PUT", f"{V1}/notices/preferences"): Rule(needs=(), ask=json(quiet="x"), status=422),
    ("GET", f"{V1}/channels"): Rule(needs=ADMINISTER, says='"items":[]'),
    ("POST", f"{V1}/channels"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PATCH", f"{V1}/channels/{{id}}"): Rule(needs=ADMINISTER, path=nobody, ask=json(), status=404),
    ("DELETE", f"{V1}/channels/{{id}}"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("POST", f"{V1}/channels/{{id}}/test"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/outbox"): Rule(needs=ADMINISTER, says='"items":[]'),
    ("POST", f"{V1}/outbox/{{id}}/retry"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/devices"): Rule(needs=ADMINISTER),
    ("POST", f"{V1}/devices"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("POST", f"{V1}/devices/{{id}}/token"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("DELETE", f"{V1}/devices/{{id}}"): Rule(needs=ADMINISTER, path=nobody, status=404),
    ("GET", f"{V1}/audit"): Rule(needs=(P.READ_AUDIT,)),
    ("GET", f"{V1}/audit/verify"): Rule(needs=(P.READ_AUDIT,), says='"intact":true'),
    ("GET", f"{V1}/calendar"): Rule(needs=CALENDAR_READERS, says='"working_days"'),
    ("GET", f"{V1}/calendar/due"): Rule(
        needs=CALENDAR_READERS, ask=lambda _: {"params": {"rule": "5wd"}}, says='"5 个工作日"'
    ),
    ("PUT", f"{V1}/calendar/days"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("POST", f"{V1}/calendar/days/import"): Rule(needs=ADMINISTER, status=422),
    ("PUT", f"{V1}/calendar/days/{{date}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"date": "2027-05-09"}, ask=json(), status=422
    ),
    ("DELETE", f"{V1}/calendar/days/{{date}}"): Rule(
        needs=ADMINISTER, path=lambda _: {"date": "2027-05-09"}, status=404
    ),
    ("PUT", f"{V1}/calendar/hours"): Rule(needs=ADMINISTER, ask=json(), status=422),
    # tests/api/test_figures.py has what is counted for whom.
    ("GET", f"{V1}/figures"): Rule(
        needs=(P.READ_CASES,), ask=lambda _: {"params": period()}, says='"closing_rate"'
    ),
    ("GET", f"{V1}/figures/rankings"): Rule(
        needs=(P.READ_CASES,),
        ask=lambda _: {"params": {**period(), "of": "grids"}},
        says='"weights"',
    ),
    ("GET", f"{V1}/figures/thresholds"): Rule(needs=(P.READ_CASES,), says='"closing_rate"'),
    ("GET", f"{V1}/figures/weights"): Rule(needs=(P.READ_CASES,), says='"on_time_rate"'),
    ("PUT", f"{V1}/figures/weights"): Rule(needs=ADMINISTER, ask=json(), status=422),
    ("PUT", f"{V1}/figures/{{code}}/threshold"): Rule(
        needs=ADMINISTER, path=nobody, ask=json(warn=0.9, alarm=0.8), status=404
    ),
    ("DELETE", f"{V1}/figures/{{code}}/threshold"): Rule(needs=ADMINISTER, path=nobody, status=404),
    # None is there: tests/api/test_reports.py has those of two grids.
    ("GET", f"{V1}/reports"): Rule(needs=(P.READ_CASES,), says='"items":[]'),
    ("POST", f"{V1}/reports"): Rule(needs=(P.EXPORT,), ask=json(), status=422),
    ("GET", f"{V1}/reports/{{id}}"): Rule(needs=(P.READ_CASES,), path=nobody, status=404),
    ("GET", f"{V1}/reports/{{id}}/download"): Rule(
        needs=(P.EXPORT,), path=nobody, ask=lambda _: {"params": {"format": "pdf"}}, status=404
    ),
    ("GET", f"{V1}/roles"): Rule(needs=ADMINISTER),
    ("PUT", f"{V1}/roles/{{role}}/permissions/{{permission}}"): Rule(
        needs=ADMINISTER,
        path=lambda _: {"role": "analyst", "permission": "read_cases"},
        ask=json(granted=True),
    ),
}

# Other ways to ask the same.
ALSO: Mapping[str, tuple[Operation, Rule]] = {
    "by grid": (
        ("GET", f"{V1}/replay"),
        Rule(
            needs=(P.READ_TRACKS,),
            ask=lambda s: {"params": {**period_with_a_reason(), "grid": s.grid}},
            shows=("unit", "lon_e6"),
            of_people=True,
            of_grids=True,
        ),
    ),
    "by grid as a file": (
        ("GET", f"{V1}/tracks/export"),
        Rule(
            needs=(P.READ_TRACKS, P.EXPORT),
            ask=lambda s: {"params": {**period_with_a_reason(), "grid": s.grid, "format": "csv"}},
            shows=("unit", "lon"),
            of_people=True,
            of_grids=True,
        ),
    ),
    "by a box": (
        ("GET", f"{V1}/cases"),
        Rule(
            needs=(P.READ_CASES,),
            ask=lambda _: {"params": {"bbox": "118.1,34.5,118.3,34.6"}},
            shows=("number", "case_lon"),
        ),
    ),
    "of staff": (
        ("GET", f"{V1}/figures/rankings"),
        Rule(needs=(P.READ_STAFF,), ask=lambda _: {"params": {**period(), "of": "staff"}}),
    ),
    **{
        f"as {file}": (
            ("GET", f"{V1}/units/{{id}}/track/export"),
            Rule(
                needs=(P.READ_TRACKS,),
                path=lambda s: {"id": s.unit},
                ask=lambda _, file=file: {"params": {**period_with_a_reason(), "format": file}},  # type: ignore[misc]
                shows=("unit", "lon"),
                named=True,
                of_people=True,
            ),
        )
        for file in ("geojson", "csv", "kml")
    },
}

APP = create_app(Database("postgresql:///"), ServerSettings())
OPERATIONS: Sequence[Operation] = sorted(
    (method.upper(), path)
    for path, operations in APP.openapi()["paths"].items()
    for method in operations
)
WITH_RULES = [operation for operation in OPERATIONS if operation in RULES]
EVERY_WAY = [
    *((" ".join(operation), operation, RULES[operation]) for operation in WITH_RULES),
    *((f"{' '.join(operation)} {how}", operation, rule) for how, (operation, rule) in ALSO.items()),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The application over the town, and how to ask it."""

    client: TestClient
    database: Database
    town: Town

    def call(
        self, operation: Operation, rule: Rule, subject: Subject, headers: Mapping[str, str]
    ) -> httpx2.Response:
        method, path = operation
        url = path.format(**rule.path(subject))
        if path.endswith("/stream") and method == "GET":
            return self._first_event(path, headers)
        extra = dict(rule.ask(subject))
        return self.client.request(method, url, headers=dict(headers), **extra)

    def headers_of(self, resident: Resident, rule: Rule) -> dict[str, str]:
        if not rule.once:
            return resident.headers
        return {"Authorization": f"Bearer {new_token(self.database, resident.role)}"}

    def _first_event(self, path: str, headers: Mapping[str, str]) -> httpx2.Response:
        """Of positions; of all together what the stream begins with is enough."""

        async def read() -> httpx2.Response:
            app: Any = self.client.app
            async with open_stream(app, dict(headers), path=path) as stream:
                chunk = await stream.chunk()
                wants_event = path.endswith("/positions/stream")
                while wants_event and stream.status == 200 and not chunk.startswith("id:"):
                    chunk = await stream.chunk()
                return httpx2.Response(stream.status, text=chunk)

        assert self.client.portal is not None
        return self.client.portal.call(read)


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    name = "test_permissions"
    database = Database(cluster.create_database(name, template="template_wangge"))
    town = build_town(database)
    settings = ServerSettings(
        web_dir=tmp_path_factory.mktemp("web"),
        rates=RateSettings(public_requests_per_minute=10_000, requests_per_minute=10_000),
        citizens=NO_LIMIT_FOR_CITIZENS,
    )
    with (
        Databases.beside(database) as databases,
        TestClient(
            create_app(databases.application, settings, tracking=databases.tracking)
        ) as client,
    ):
        yield World(client=client, database=database, town=town)
    database.close()
    cluster.drop_database(name)


def test_every_operation_has_a_rule_and_every_rule_an_operation() -> None:
    assert set(OPERATIONS) == set(RULES)


@pytest.mark.parametrize("operation", WITH_RULES, ids=" ".join)
def test_signed_out(world: World, operation: Operation) -> None:
    rule = RULES[operation]
    answer = world.call(operation, rule, world.town.east, {})
    if rule.needs is None:
        assert answer.status_code == rule.status, answer.text
    else:
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_signed_in"
    assert_nothing_of(world.town.east, answer)
    assert_nothing_of(world.town.west, answer)


@pytest.mark.parametrize(
    ("operation", "rule", "role"),
    [
        pytest.param(*way, role, id=f"{name}-{role}")
        for (name, *way), role in product(EVERY_WAY, Role)
    ],
)
def test_signed_in(world: World, operation: Operation, rule: Rule, role: Role) -> None:
    resident = world.town.residents[role]
    may = not rule.needs or not permissions_of(role).isdisjoint(rule.needs)
    for subject in [world.town.east, world.town.west] if not may else mine(world, resident, rule):
        answer = world.call(operation, rule, subject, world.headers_of(resident, rule))
        if may:
            assert answer.status_code == rule.status, answer.text
            for word in [rule.says, *(str(getattr(subject, name)) for name in rule.shows)]:
                assert word in answer.text
        else:
            assert answer.status_code == 403, answer.text
            assert answer.json()["code"] == "not_permitted"
        assert_nobody_is_named_to_who_may_not_know(world, role, answer)
        assert_no_number_is_whole(world, rule, answer)
    for subject in others(world, resident, rule) if may else []:
        answer = world.call(operation, rule, subject, world.headers_of(resident, rule))
        if rule.named:
            assert rule.refuses(answer), answer.text
        else:
            assert answer.status_code == rule.status or is_refused(answer), answer.text
            assert_nothing_of(subject, answer, only_people=rule.of_people)


def mine(world: World, resident: Resident, rule: Rule) -> list[Subject]:
    """What the rule should let the resident ask about."""
    if resident.role.sees_everything:
        return [world.town.east, world.town.west]
    return [] if rule.of_grids and resident.own.grid is None else [resident.own]


def others(world: World, resident: Resident, rule: Rule) -> list[Subject]:
    """What is none of the resident's business."""
    if resident.role.sees_everything or rule.anywhere:
        return []
    beside = [resident.beside] if rule.of_people and resident.role.sees_only_self else []
    return [world.town.west, *beside]


def assert_nothing_of(
    subject: Subject, answer: httpx2.Response, *, only_people: bool = False
) -> None:
    for mark in subject.personal if only_people else subject.marks:
        assert mark not in answer.text


def assert_nobody_is_named_to_who_may_not_know(
    world: World, role: Role, answer: httpx2.Response
) -> None:
    if P.READ_NAMES in permissions_of(role):
        return
    for somebody in world.town.everybody:
        assert somebody.name not in answer.text
    for written in (REPORTER, DESCRIPTION, NOTE):
        assert written.split()[-1] not in answer.text
    assert REPORTER.split()[0] not in answer.text


def assert_no_number_is_whole(world: World, rule: Rule, answer: httpx2.Response) -> None:
    if rule.reveals:
        return
    for somebody in world.town.everybody:
        assert somebody.phone not in answer.text
    assert REPORTER.split()[1] not in answer.text

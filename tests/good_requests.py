"""Requests that the small town answers well: one for each operation of the API."""

from datetime import UTC, datetime
from typing import Any

from tests.morning import ALL_DAY, EAST, START, TOWN
from tests.small_town import PASSWORD

_PERIOD = {"from": ALL_DAY["from"], "to": ALL_DAY["to"], "reason": "核实群众反映"}
_OSMAND = {"id": "GW-001", "lat": "34.5", "lon": "118.65", "timestamp": "1763798400"}
# What makes the answer a good one, besides a path that names something.
GOOD: dict[str, dict[str, Any]] = {
    "POST /api/v1/fixes": {
        "body": [
            {"unit": "GW-001", "at": datetime.now(UTC).isoformat(), "lon": 118.65, "lat": 34.5}
        ]
    },
    "GET /ingest/osmand": {"query": _OSMAND},
    "POST /ingest/osmand": {"query": _OSMAND},
    "POST /ingest/traccar": {
        "body": {
            "device_id": "GW-001",
            "location": {
                "timestamp": datetime.now(UTC).isoformat(),
                "coords": {"latitude": 34.5, "longitude": 118.65},
            },
        }
    },
    "POST /ingest/owntracks": {
        "body": {"_type": "location", "tid": "1", "lat": 34.5, "lon": 118.65, "tst": 1763798400}
    },
    "POST /api/v1/units": {
        "body": {"id": "GW-003", "kind": "person", "name": "x", "role": "grid_worker"}
    },
    "PATCH /api/v1/units/{id}": {"body": {"name": "王小明"}},
    "POST /api/v1/units/{id}/duty": {"body": {"on": True}},
    "GET /api/v1/units/{id}/track": {"query": _PERIOD},
    "GET /api/v1/units/{id}/track/export": {"query": {**_PERIOD, "format": "geojson"}},
    "GET /api/v1/tracks/export": {"query": {**_PERIOD, "units": "GW-001", "format": "geojson"}},
    "GET /api/v1/units/{id}/days": {"query": {**_PERIOD, "from": "2026-03-01", "to": "2026-03-02"}},
    "GET /api/v1/units/{id}/visits": {"query": _PERIOD},
    "GET /api/v1/grids/{code}/visits": {"query": _PERIOD},
    "GET /api/v1/coverage/grids": {"query": {"at": ALL_DAY["to"], "from": ALL_DAY["from"]}},
    "GET /api/v1/coverage/cells": {
        "query": {"from": ALL_DAY["from"], "to": ALL_DAY["to"], "grid": EAST, "resolution": 7}
    },
    "POST /api/v1/checkpoints": {"body": {"name": "水库大坝", "lon": 118.65, "lat": 34.5}},
    "POST /api/v1/plans": {
        "body": {
            "name": "水库夜巡",
            "grid": EAST,
            "kind": "cells",
            "resolution": 7,
            "rhythm": {"weekdays": [1, 5], "windows": [{"from": "22:00", "to": "06:00"}]},
            "role": "grid_worker",
        }
    },
    "GET /api/v1/plans/{id}/rounds": {"query": _PERIOD},
    "GET /api/v1/plans/{id}/record": {"query": {**_PERIOD, "format": "csv"}},
    "POST /api/v1/rosters": {
        "body": {
            "name": "镇区夜班",
            "grid": EAST,
            "shifts": [{"from": "00:00", "to": "08:00"}],
            "teams": [{"name": "一组", "leader": 2, "members": [3]}],
            "cycle": [["一组"]],
            "valid_from": "2026-01-01T00:00:00Z",
            "valid_to": "2026-02-01T00:00:00Z",
        }
    },
    "GET /api/v1/rosters/{id}/shifts": {"query": _PERIOD},
    "POST /api/v1/rosters/{id}/substitutions": {
        "body": {"from": START.isoformat(), "staff": 2, "substitute": 1}
    },
    "GET /api/v1/duty": {"query": {"grid": EAST, "at": ALL_DAY["to"]}},
    "GET /api/v1/nearby": {"query": {**_PERIOD, "lon": 118.65, "lat": 34.5}},
    "GET /api/v1/replay": {"query": {**_PERIOD, "units": "GW-001"}},
    "GET /api/v1/grids/locate": {"query": {"lon": 118.65, "lat": 34.5}},
    "POST /api/v1/grids/locate": {"body": {"points": [{"lon": 118.65, "lat": 34.5}]}},
    "GET /api/v1/cases": {"query": {"bbox": "118,34,119,35", "grid": TOWN}},
    "GET /api/v1/cases/duplicates": {"query": {"lon": 118.65, "lat": 34.5, "category": "other"}},
    "GET /api/v1/case-duplicates": {
        "query": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T00:00:00Z"}
    },
    "POST /api/v1/cases": {"body": {"lon": 118.65, "lat": 34.5, "description": "路灯不亮"}},
    "POST /api/v1/cases/{id}/actions": {"body": {"action": "dispatch", "staff": 1}},
    "GET /api/v1/layers/{id}/export": {"query": {"format": "csv", "reason": "核实群众反映"}},
    "GET /api/v1/cameras": {"query": {"bbox": "118,34,119,35", "grid": TOWN, "state": "online"}},
    "POST /api/v1/cameras": {"body": {"code": "32072210011320000002", "lon": 118.65, "lat": 34.5}},
    "PATCH /api/v1/cameras/{code}": {"body": {"state": "offline"}},
    "GET /api/v1/cameras/seeing": {"query": {"lon": 118.65, "lat": 34.5}},
    "POST /api/v1/video_rounds": {
        "body": {"name": "镇区轮巡", "stops": [{"camera": "32072210011320000001", "dwell_s": 20}]}
    },
    "GET /api/v1/facilities": {"query": {"kind": "bus_stop", "bbox": "118,34,119,35"}},
    "POST /api/v1/facilities": {
        "body": {"kind": "bus_stop", "name": "镇政府站", "lon": 118.65, "lat": 34.5}
    },
    "PATCH /api/v1/facilities/{code}": {"body": {"properties": {"routes": "3, 7"}}},
    "POST /api/v1/sensors": {
        "body": {"code": "JG-2", "kind": "manhole", "lon": 118.65, "lat": 34.5}
    },
    "POST /api/v1/sensors/readings": {
        "body": {
            "readings": [
                {
                    "sensor": "JG-1",
                    "at": datetime.now(UTC).isoformat(),
                    "values": {"water_level_m": 0.3},
                },
                "what is no reading",
            ]
        }
    },
    "GET /api/v1/sensors": {"query": {"kind": "manhole", "state": "never"}},
    "GET /api/v1/sensors/{code}/readings": {"query": ALL_DAY},
    "POST /api/v1/sensor_rules": {
        "body": {
            "name": "窨井水位过高",
            "kind": "manhole",
            "quantity": "water_level_m",
            "direction": "above",
            "threshold": 1.2,
            "clears_at": 1.0,
            "for_s": 600,
        }
    },
    "GET /api/v1/alerts": {"query": {"state": "all", "kind": ["sos"], "unit": "GW-001"}},
    "POST /api/v1/alerts/{id}/acknowledge": {"body": {"note": "已致电"}},
    "POST /api/v1/areas": {
        "body": {
            "name": "采石场",
            "kind": "forbidden",
            "grid": EAST,
            "roles": ["grid_worker"],
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[118.64, 34.5], [118.65, 34.5], [118.65, 34.51], [118.64, 34.5]]],
            },
        }
    },
    "POST /api/v1/cases/{id}/unmask": {"body": {"reason": "回访"}},
    "POST /api/v1/inspections": {
        "body": {
            "name": "消防抽查",
            "targets": [{"id": "1", "name": "第一餐馆"}, {"id": "2", "name": "第二餐馆"}],
            "roles": ["grid_worker"],
            "targets_wanted": 1,
            "team_size": 1,
        }
    },
    "POST /api/v1/inspections/{id}/draw": {"body": {"public_number": "7", "witness": "掷骰子"}},
    "PUT /api/v1/roles/{role}/permissions/{permission}": {"body": {"granted": True}},
    "POST /api/v1/sessions": {"body": {"username": "somebody", "password": PASSWORD}},
    "POST /api/v1/accounts": {"body": {"username": "li.wei", "role": "analyst"}},
    "PATCH /api/v1/accounts/{username}": {"body": {"granted": ["export"]}},
    "POST /api/v1/accounts/{username}/tokens": {"body": {"client": "报表"}},
    "POST /api/v1/staff": {"body": {"name": "李伟", "phone": "13812345678"}},
    "PATCH /api/v1/staff/{id}": {"body": {"phone": None}},
    "POST /api/v1/staff/{id}/posts": {"body": {"role": "liaison", "grid": EAST}},
    "PATCH /api/v1/staff/{id}/posts/{post}": {"body": {"to": "2099-01-01T00:00:00Z"}},
    "POST /api/v1/staff/{id}/leaves": {
        "body": {"kind": "annual", "from": "2098-01-01T00:00:00Z", "to": "2098-01-08T00:00:00Z"}
    },
    "PATCH /api/v1/staff/{id}/leaves/{leave}": {"body": {"to": "2097-01-09T00:00:00Z"}},
    "POST /api/v1/staff/{id}/unmask": {"body": {"reason": "联系不上"}},
    "POST /api/v1/devices": {"body": {"unit": "GW-001", "protocol": "test", "identifier": "2"}},
    "POST /api/v1/editions/copies": {"body": {"name": "2028"}},
    "POST /api/v1/editions/{id}/changes": {
        "body": {"kind": "rename", "grid": EAST, "name": "城东网格"}
    },
    "GET /api/v1/figures": {"query": {"from": ALL_DAY["from"], "to": ALL_DAY["to"]}},
    "GET /api/v1/figures/rankings": {
        "query": {"from": ALL_DAY["from"], "to": ALL_DAY["to"], "of": "staff"}
    },
    "PUT /api/v1/figures/weights": {"body": {"weights": {"on_time_rate": 60, "satisfaction": 40}}},
    "PUT /api/v1/figures/{code}/threshold": {"body": {"warn": 0.9, "alarm": 0.8}},
    "GET /api/v1/public/place": {"query": {"lon": 118.65, "lat": 34.5}},
    "GET /api/v1/public/duplicates": {
        "query": {"lon": 118.65, "lat": 34.5, "category": "facility.lamp"}
    },
    "POST /api/v1/public/reports": {
        "body": {"lon": 118.65, "lat": 34.5, "description": "路灯不亮", "category": "facility.lamp"}
    },
    "GET /api/v1/reports/{id}/download": {"query": {"format": "xlsx", "language": "en"}},
    "POST /api/v1/reports": {"body": {"kind": "week", "date": "2026-03-09"}},
    "GET /api/v1/calendar": {"query": {"year": 2026}},
    "GET /api/v1/calendar/due": {"query": {"rule": "5wd", "start": "2025-09-30T10:00:00+08:00"}},
    "PUT /api/v1/calendar/days": {
        "body": {"days": [{"date": "2027-01-01", "is_working": False, "name": "元旦"}]}
    },
    "PUT /api/v1/calendar/days/{date}": {"body": {"is_working": False, "name": "本地节日"}},
    "POST /api/v1/departments": {"body": {"code": "water", "name_zh": "水务站"}},
    "POST /api/v1/cases/categories": {
        "body": {
            "code": "safety.charging",
            "parent": "safety",
            "title_zh": "飞线充电",
            "term": "1d",
        }
    },
    "PUT /api/v1/cases/categories/{code}": {
        "body": {"parent": "facility", "title_zh": "路灯不亮", "term": "2d", "aliases": ["灯坏"]},
    },
    "PUT /api/v1/departments/{code}": {"body": {"name_zh": "公路管理站"}},
    "PUT /api/v1/calendar/hours": {"body": {"hours": [{"from": "08:30", "to": "17:30"}]}},
    "POST /api/v1/notices/read": {"body": {"up_to": 1}},
    "POST /api/v1/channels": {
        "body": {"name": "城东网格群", "kind": "wecom", "url": "http://127.0.0.1:9/send?key=x"}
    },
    "PATCH /api/v1/channels/{id}": {"body": {"enabled": True}},
    "GET /api/v1/outbox": {"query": {"state": "given_up"}},
    "GET /api/v1/audit": {"query": {"action": "track.read", "limit": 5}},
}
# Why there is no good answer here; each is tested where there is one.
NOT_HERE = {
    "POST /api/v1/layers": "it takes a file",
    "POST /api/v1/layers/views": "the small town has no view of its own",
    "PUT /api/v1/layers/{id}/features": "it takes a file",
    "PATCH /api/v1/layers/{id}": "the small town has only layers that stay as they are",
    "DELETE /api/v1/layers/{id}": "the small town has only layers that stay as they are",
    "POST /api/v1/changes": "it takes files",
    "POST /api/v1/photos": "it takes a file",
    "POST /api/v1/public/photos": "it takes a file",
    **{
        f"{operation} /api/v1/public/reports/{{number}}{rest}": "it takes the code of a report"
        for operation, rest in (
            ("GET", ""),
            ("POST", "/actions"),
            ("GET", "/photos/{id}"),
            ("GET", "/photos/{id}/thumbnail"),
        )
    },
    "GET /api/v1/changes/{id}": "there is none",
    "POST /api/v1/cases/{id}/distinct/{other}": "the small town has one case",
    "DELETE /api/v1/cases/{id}/distinct/{other}": "the small town has one case",
    "POST /api/v1/changes/{id}/verdict": "there is none",
    "POST /api/v1/facilities/import": "it takes files",
    "DELETE /api/v1/facilities/imports/{id}": "there is none",
    "POST /api/v1/sensors/import": "it takes files",
    "POST /api/v1/cameras/import": "it takes files",
    "POST /api/v1/cameras/{code}/stream": "no media gateway is set up",
    "GET /api/v1/tiles/{id}.pmtiles": "no archive was written",
    "GET /api/v1/basemaps/{id}/{z}/{x}/{y}": "no map server is set up",
    "GET /ca.crt": "without TLS there is no certificate authority",
    "GET /api/v1/sessions/oidc": "no provider is set up",
    "GET /api/v1/sessions/oidc/callback": "no provider is set up",
    "PUT /api/v1/sessions/password": "these accounts have no password",
    "PUT /api/v1/sessions/totp": "the code is an authenticator's to say",
    "DELETE /api/v1/sessions/totp": "these accounts have no second factor",
    "POST /api/v1/editions": "it takes files",
    "POST /api/v1/calendar/days/import": "it takes a file",
    "POST /api/v1/case-imports": "it takes a file",
    "POST /api/v1/cases/categories/import": "it takes a file",
    "DELETE /api/v1/editions/{id}": "the others are about this draft",
    "POST /api/v1/editions/{id}/undo": "nothing has been done to the draft, or something else",
    "POST /api/v1/editions/{id}/redo": "nothing has been undone",
    "POST /api/v1/editions/{id}/activation": "the grids are those in force",
    "DELETE /api/v1/editions/{id}/activation": "nothing is to take effect by itself",
    "POST /api/v1/editions/preview": "it takes files",
    "POST /api/v1/grids/locate/file": "it takes a file",
    "DELETE /api/v1/field-mappings/{mapping_id}": "nothing is remembered in the small town",
    "POST /api/v1/inspections/{id}/cancel": "what has been drawn is not called off",
    "POST /api/v1/units/{id}/track/import": "it takes a file",
    "POST /api/v1/notices/{id}/read": "nobody was told anything in the small town",
    "PUT /api/v1/notices/preferences": "these accounts belong to nobody on the staff",
    "DELETE /api/v1/channels/{id}": "the others are about this channel",
    "POST /api/v1/outbox/{id}/retry": "nothing was given up",
    "POST /api/v1/staff/{id}/leaves/{leave}/cancel": "the others are about this leave",
}

"""A camera, and the words that people write about one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from layers.cameras.gb28181 import read_camera_code

NAME_LIMIT = 200


class Network(StrEnum):
    """Whose camera it is: 综治 grid governance, 公安天眼, 国土天网, or anybody else's."""

    COMPREHENSIVE = "comprehensive"
    SKYEYE = "skyeye"
    LANDWATCH = "landwatch"
    OTHER = "other"


class CameraKind(StrEnum):
    DOME = "dome"
    BULLET = "bullet"
    PTZ = "ptz"
    PANORAMIC = "panoramic"
    OTHER = "other"


class CameraState(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Camera:
    """`bearing_deg` is the middle of the view, clockwise from north; `view` is what it sees on a plain
    (EPSG:4326). What nobody knows is None; without a range or an angle there is no view. It is in
    `state` since `state_since`."""

    code: str
    name: str
    network: Network
    kind: CameraKind
    bearing_deg: float | None
    fov_deg: float | None
    range_m: float | None
    height_m: float | None
    state: CameraState
    state_since: datetime
    lon: float
    lat: float
    view: BaseGeometry | None


HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("code", "编码", "国标编码", "设备编码"), "code"),
        **dict.fromkeys(("name", "名称", "设备名称"), "name"),
        **dict.fromkeys(("network", "网络", "所属网络"), "network"),
        **dict.fromkeys(("kind", "type", "类型", "设备类型"), "kind"),
        **dict.fromkeys(("bearing_deg", "bearing", "朝向", "方位角"), "bearing_deg"),
        **dict.fromkeys(("fov_deg", "fov", "视场角"), "fov_deg"),
        **dict.fromkeys(("range_m", "range", "可视距离", "可视距离_m"), "range_m"),
        **dict.fromkeys(("height_m", "height", "高度", "架设高度"), "height_m"),
        **dict.fromkeys(("state", "status", "状态"), "state"),
    }
)
"""What a column of a file is about, by its heading in small letters."""

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "network": {
            **{each.value: each.value for each in Network},
            **dict.fromkeys(("综治", "综治网格", "综治视联"), "comprehensive"),
            **dict.fromkeys(("公安天眼", "天眼", "公安"), "skyeye"),
            **dict.fromkeys(("国土天网", "天网", "国土"), "landwatch"),
            "其他": "other",
        },
        "kind": {
            **{each.value: each.value for each in CameraKind},
            **dict.fromkeys(("球机", "半球"), "dome"),
            "枪机": "bullet",
            **dict.fromkeys(("云台", "云台机"), "ptz"),
            "全景": "panoramic",
            "其他": "other",
        },
        "state": {
            **{each.value: each.value for each in CameraState},
            **dict.fromkeys(("在线", "on", "正常"), "online"),
            **dict.fromkeys(("离线", "off"), "offline"),
            "故障": "fault",
            "未知": "unknown",
        },
    }
)
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"fov_deg": (0, 360), "range_m": (0, 20_000), "height_m": (-100, 1_000)}
)

_ASSUMED: Mapping[str, Any] = MappingProxyType(
    {"network": "other", "kind": "other", "state": "unknown"}
    | dict.fromkeys(("bearing_deg", "fov_deg", "range_m", "height_m"))
)


def assumed_of(code: str) -> dict[str, Any]:
    """What a camera has where nobody says. Without an angle and a range it has no view."""
    return {**_ASSUMED, "name": code}


def read_fields(said: Mapping[str, object]) -> dict[str, Any]:
    """What somebody says of a camera, as it is stored; what is empty is not said.

    Raises InvalidInput.
    """
    return {
        name: _read(name, value)
        for name, value in said.items()
        if value is not None and (not isinstance(value, str) or value.strip())
    }


def read_changes(said: Mapping[str, object], camera: Camera) -> dict[str, Any]:
    """What somebody changes of a camera, as it is stored. What is said to be nothing (None, or an empty
    text) is what it would be of a camera of which nobody ever said it.

    Raises InvalidInput, also for a view that would point north because nobody says where it points.
    """
    fields, assumed = read_fields(said), assumed_of(camera.code)
    changes = {name: fields.get(name, assumed[name]) for name in said}
    # Of one without an angle, or that looks all round, nobody needed to say where it looks.
    knows_bearing = "bearing_deg" not in said and camera.bearing_deg is not None
    if not knows_bearing:
        require_direction({**fields, "fov_deg": changes.get("fov_deg", camera.fov_deg)})
    return changes


def require_direction(row: Mapping[str, Any]) -> None:
    """Raises InvalidInput for an angle without a direction: a view that points north because nobody said
    where it points would be believed."""
    if 0 < (row.get("fov_deg") or 0) < 360 and "bearing_deg" not in row:
        raise InvalidInput(
            "Say where it looks (bearing_deg) with its angle (fov_deg), or leave both unknown.",
            field="bearing_deg",
        )


def _read(name: str, value: object) -> Any:
    if name == "code":
        return read_camera_code(value)
    if name == "name":
        return _name(str(value))
    if name in _WORDS:
        return _word(name, str(value))
    return _number(name, value)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name.isprintable() or len(name) > NAME_LIMIT:
        raise InvalidInput(f"A name is at most {NAME_LIMIT} printable characters.", field="name")
    return name


def _word(name: str, text: str) -> str:
    word = _WORDS[name].get(text.strip().lower())
    if word is None:
        known = ", ".join(_WORDS[name])
        raise InvalidInput(f"{text[:40]!r} is no {name}; write one of {known}.", field=name)
    return word


def _number(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise InvalidInput(
            f"{name} must be a number, not {str(value)[:40]!r}.", field=name
        ) from None
    if not math.isfinite(number):
        raise InvalidInput(f"{name} must be a finite number.", field=name)
    if name == "bearing_deg":
        return number % 360.0
    least, most = _RANGES[name]
    if not least <= number <= most:
        raise InvalidInput(f"{name} must be between {least:g} and {most:g}.", field=name)
    return number

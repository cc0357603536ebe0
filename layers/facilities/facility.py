"""A facility, and what people write about one."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.places import cell_to_code
from gis.errors import InvalidInput
from layers.facilities.kinds import read_one_kind

_CODE_LIMIT, _NAME_LIMIT = 64, 200
_MOST_PROPERTIES, _HEADING_LIMIT, _TEXT_LIMIT = 100, 100, 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Facility:
    """`import_id` is the import that wrote it last, None for what somebody wrote by hand since."""

    code: str
    kind: str
    name: str
    properties: Mapping[str, Any]
    lon: float
    lat: float
    import_id: int | None


def read_code(value: object) -> str:
    """Empty where nobody said one. Raises InvalidInput."""
    code = cell_to_code(value)
    if len(code) > _CODE_LIMIT or not code.isprintable():
        raise InvalidInput(f"A code has at most {_CODE_LIMIT} printable characters.", field="code")
    return code


def read_name(value: object) -> str:
    """Raises InvalidInput."""
    name = " ".join(str(value or "").split())
    if not name or len(name) > _NAME_LIMIT or not name.isprintable():
        raise InvalidInput(
            f"A facility has a name (名称) of at most {_NAME_LIMIT} characters.", field="name"
        )
    return name


def stable_code(kind: str, name: str, lon: float, lat: float) -> str:
    """For what has no code: the same for the same kind and name at the same place (to a decimetre), in
    whatever order and file."""
    words = f"{kind}\n{name}\n{lon:.6f}\n{lat:.6f}"
    return f"F-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def read_changes(said: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody says of a facility by hand, as it is stored: its kind, its name, and of its
    properties those that are named. One that is None is no more; None for `properties` clears them all.

    `before` are the properties there are. Raises InvalidInput.
    """
    changes: dict[str, Any] = {}
    if "kind" in said:
        changes["kind"] = read_one_kind(said["kind"])
    if "name" in said:
        changes["name"] = read_name(said["name"])
    if "properties" in said:
        changes["properties"] = _properties(said["properties"], before)
    return changes


def _properties(said: Mapping[str, Any] | None, before: Mapping[str, Any]) -> dict[str, Any]:
    if said is None:
        return {}
    merged = {**before, **{_heading(name): _value(name, value) for name, value in said.items()}}
    properties = {name: value for name, value in merged.items() if value not in (None, "")}
    if len(properties) > max(_MOST_PROPERTIES, len(before)):
        raise InvalidInput(
            f"A facility has at most {_MOST_PROPERTIES} properties.", field="properties"
        )
    return properties


def _heading(name: str) -> str:
    if not name.strip() or len(name) > _HEADING_LIMIT or not name.isprintable():
        raise InvalidInput(
            f"A property is called by 1 to {_HEADING_LIMIT} printable characters.",
            field="properties",
        )
    return name


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str) and len(value) > _TEXT_LIMIT:
        raise InvalidInput(
            f"{name} is longer than {_TEXT_LIMIT:,} characters; shorten it.", field="properties"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{name} must be a finite number.", field="properties")
    return value

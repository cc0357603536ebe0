"""Changing part of something: what a PATCH brings, and what that changed, for the audit."""

from collections.abc import Callable, Container, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from gis.errors import InvalidInput

Shown = Callable[[Any], Any]


# What is called otherwise inside than in the API and on the audit.
_INSIDE: Mapping[str, str] = MappingProxyType({"grid": "grid_code", "staff": "staff_id"})
_OUTSIDE: Mapping[str, str] = MappingProxyType({inside: name for name, inside in _INSIDE.items()})


def changes_in(body: BaseModel, *, clearable: Container[str]) -> dict[str, Any]:
    """The fields that the body brings, by their name inside; what it leaves out stays as it is.

    null takes away what is `clearable`, and is no value for anything else. Raises InvalidInput.
    """
    changes = {}
    for field in sorted(body.model_fields_set):
        value = getattr(body, field)
        if value is None and field not in clearable:
            raise InvalidInput(
                f"{field} cannot be null; leave it out to keep it as it is.", field=field
            )
        changes[_INSIDE.get(field, field)] = value
    return changes


def differences(
    before: Any, after: Any, *, shown: Mapping[str, Shown] | None = None
) -> dict[str, dict[str, Any]]:
    """What differs between two values of a dataclass: `{"name": {"old": "王明", "new": "王小明"}}`.

    `shown` makes of a field's value what may stand on the audit; None is always None.
    """
    found = {}
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            show = (shown or {}).get(field.name, _as_it_is)
            found[_OUTSIDE.get(field.name, field.name)] = {
                "old": None if old is None else show(old),
                "new": None if new is None else show(new),
            }
    return found


def _as_it_is(value: Any) -> Any:
    return value

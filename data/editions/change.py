"""A change: one thing that was done to a draft, and can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from data.editions.edition import Edition
from gis.errors import Conflict, InvalidInput
from gis.grid import Grid
from gis.redivision import KINDS, Operation


class ChangeState(StrEnum):
    """`UNDONE` may be done again, until something else is done: then it is `DROPPED`."""

    DONE = "done"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionChange:
    """`arguments` are those of the operation, as JSON. `replaced` and `put` are the codes of the grids
    before and after."""

    number: int
    kind: str
    arguments: Mapping[str, Any]
    state: ChangeState
    actor: str
    at: datetime
    replaced: tuple[str, ...]
    put: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """What became of a draft: `gone` are the codes that are not there any more, `grids` those that are
    new or different."""

    edition: Edition
    gone: tuple[str, ...]
    grids: tuple[Grid, ...]


class EditionChanged(Conflict):
    """Somebody else has changed the draft meanwhile. `version` is the one it has now."""

    code = "edition_changed"

    def __init__(self, message: str, *, version: int) -> None:
        super().__init__(message, field="version")
        self.version = version

    @property
    def members(self) -> Mapping[str, int]:
        """What the problem document has beside its usual members."""
        return {"version": self.version}


def encode(operation: Operation) -> dict[str, Any]:
    """The arguments as JSON keeps them."""
    encoded: dict[str, Any] = msgspec.to_builtins(operation)
    return encoded


def decode(kind: str, arguments: Mapping[str, Any]) -> Operation:
    """Raises InvalidInput."""
    wanted = KINDS.get(kind)
    if wanted is None:
        raise InvalidInput(
            f"There is no operation {kind!r}. There are: {', '.join(KINDS)}.", field="kind"
        )
    try:
        return msgspec.convert(arguments, wanted)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{kind} cannot be done so: {error}.", field="arguments") from error

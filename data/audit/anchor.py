"""An anchor: the number and the hash of one record, to be kept where nobody who runs the database can
change it."""

import re
from dataclasses import dataclass
from typing import Self

from gis.errors import InvalidInput

_FORM = re.compile(r"(\d{1,18}):([0-9a-fA-F]{64})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """`hash` is in hexadecimal, lower case. Written `ID:HASH`."""

    id: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidInput."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise InvalidInput(
                "This is not an anchor: write it as an earlier verification printed it, a number, a "
                "colon and 64 characters.",
                field="anchor",
            )
        return cls(id=int(found[1]), hash=found[2].lower())

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"

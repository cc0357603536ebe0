"""What other systems call a category. Pure."""

import unicodedata
from collections.abc import Iterable

from gis.errors import InvalidInput

MOST_ALIASES = 100
ALIAS_LIMIT = 100
"""As long as what a ticket is called may be (`patrol.cases.report.EXTERNAL_LIMIT`)."""


def compared(name: str) -> str:
    """What two spellings of one name share: case, full or half width, and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_aliases(code: str, said: Iterable[str]) -> tuple[str, ...]:
    """Those of a category, in their order, each once; empty ones are left out. A semicolon is of half
    width, as between those in a cell of a table. Raises InvalidInput."""
    aliases: dict[str, str] = {}
    for each in said:
        if each.strip():
            aliases.setdefault(compared(each), " ".join(each.replace("；", ";").split()))
    if len(aliases) > MOST_ALIASES:
        raise InvalidInput(
            f"{code} has {len(aliases)} aliases; at most {MOST_ALIASES} are allowed.",
            field="aliases",
        )
    for each in aliases.values():
        if len(each) > ALIAS_LIMIT or not each.isprintable():
            raise InvalidInput(
                f"The alias {each[:20]!r} of {code} has {len(each)} characters or one that cannot be "
                f"printed; at most {ALIAS_LIMIT} are allowed.",
                field="aliases",
            )
    return tuple(aliases.values())

"""How far back anybody can look: what was dropped must not look as if it had never been."""

from datetime import datetime

from api.settings import ServerSettings
from gis.errors import InvalidInput


def require_kept(
    since: datetime, now: datetime, settings: ServerSettings, *, field: str = "from"
) -> None:
    """Raise InvalidInput for a period that begins where fixes are not kept any more: who was there then
    cannot be told from nobody."""
    if settings.keep is not None and since < now - settings.keep.fixes:
        raise InvalidInput(
            f"Tracks are kept for {settings.keep.fixes.days} days; ask for a period that begins later.",
            field=field,
            code="not_kept",
        )

"""Computed layers: what a request asks of them, and whether its caller may ask that."""

from datetime import UTC, datetime

from anyio import to_thread
from sqlalchemy import Connection

from api.access import Caller, Permission
from api.context import Services
from api.keeping import require_kept
from api.layer_access import check_layer
from gis.errors import NotPermitted
from layers.catalog import Layer, find_layer
from layers.cells.question import Question, read_question
from layers.cells.rows import CellRows
from layers.selection import Selection


def read_rows(
    conn: Connection,
    layer: Layer,
    selection: Selection,
    caller: Caller,
    services: Services,
    *,
    fresh: bool = False,
) -> CellRows | None:
    """The rows of a computed layer, worked out now (`fresh`) or a short time ago; None for any other.

    Raises InvalidInput, NotFound, and NotPermitted for whoever may not look at what is counted.
    """
    if not layer.is_computed:
        return None
    question = read_question(layer, selection)
    source = None if question.layer_id is None else find_layer(conn, question.layer_id)
    _check(question, source, caller, services)
    return services.cells.rows(
        layer, question, caller.viewer, source=source, conn=conn, fresh=fresh
    )


async def read_rows_of_tile(
    layer: Layer, selection: Selection, caller: Caller, services: Services, *, zoom: int
) -> CellRows | None:
    """The same for a tile: who waits for what somebody else is working out holds no connection."""
    if not layer.is_computed:
        return None
    question = read_question(layer, selection)
    source = None
    if question.layer_id is not None:
        source = await services.catalog.find(question.layer_id)
    _check(question, source, caller, services)
    return await to_thread.run_sync(
        lambda: services.cells.rows(layer, question, caller.viewer, source=source, zoom=zoom)
    )


def _check(question: Question, source: Layer | None, caller: Caller, services: Services) -> None:
    if source is not None:
        check_layer(source, caller)
        return
    if Permission.READ_TRACKS not in caller.permissions:
        raise NotPermitted(
            f"The role {caller.role} may not look at where units were; it needs "
            f"{Permission.READ_TRACKS}. Ask the administrator for another account.",
            field="of",
        )
    now = datetime.now(UTC)
    since, _until = question.period(now)
    require_kept(since, now, services.settings, field="datetime")

"""Which layers a caller may look at, and what of them a request asks for."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from fastapi import Request

from api.access import Caller
from api.reasons import reason_to_look_back
from gis.errors import NotPermitted
from layers.catalog import Layer
from layers.selection import Selection, read_selection


def may_read(layer: Layer, caller: Caller) -> bool:
    return layer.permission in caller.permissions


def check_layer(layer: Layer, caller: Caller) -> Layer:
    """Raises NotPermitted for a layer that the caller may not look at."""
    if not may_read(layer, caller):
        raise NotPermitted(
            f"The role {caller.role} may not look at layer {layer.id}; it needs {layer.permission}. "
            "Ask the administrator for another account.",
            field="id",
        )
    return layer


def field_values(request: Request, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The parameters of a request that are not `known`: those that name fields."""
    return (
        (name, value) for name, value in request.query_params.multi_items() if name not in known
    )


def selection_of(
    layer: Layer, request: Request, *, when: str | None, known: Collection[str]
) -> Selection:
    """What of the layer a request asks for. Raises InvalidInput."""
    return read_selection(layer, when=when, values=field_values(request, known))


def reason_for(layer: Layer, selection: Selection, reason: str | None) -> str | None:
    """Why somebody looks, where that must be said: at where people were before today. Raises
    InvalidInput where it is missing."""
    if not layer.is_audited or selection.span is None:
        since = datetime.now(UTC)
    else:
        since = selection.span.since or datetime.min.replace(tzinfo=UTC)
    return reason_to_look_back(
        reason, since=since, now=datetime.now(UTC), is_about_others=layer.is_audited
    )

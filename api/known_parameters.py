"""Names in the query of a request that its route does not know are refused: a filter that is misspelt or
not there would be answered with everything."""

from collections.abc import Collection, Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gis.errors import InvalidInput


async def refuse_unknown_parameters(request: Request) -> None:
    """A dependency of every route that declares what it reads. Raises InvalidInput."""
    refuse_all_but_declared(request)


def refuse_all_but_declared(request: Request, *, also: Collection[str] = ()) -> None:
    """What the route declares, and what it reads `also`. Raises InvalidInput."""
    if not request.scope["query_string"]:
        return  # the usual case, and that of hot paths
    route: APIRoute = request.scope["route"]
    known = list(dict.fromkeys([*_declared_by(route.dependant), *also]))
    for name in request.query_params:
        if name not in known:
            there_are = f"it knows {', '.join(known)}" if known else "it takes none"
            raise InvalidInput(
                f"This request has no parameter {name[:60]!r}; {there_are}.",
                field=name[:60],
                code="unknown_parameter",
            )


def _declared_by(dependant: Dependant) -> Iterator[str]:
    """In the order of the route's own declaration."""
    yield from (parameter.alias for parameter in dependant.query_params)
    for each in dependant.dependencies:
        yield from _declared_by(each)

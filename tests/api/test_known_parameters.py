"""A name in a query that a route does not know is refused: a filter may be misspelt."""

from collections.abc import Callable
from typing import Any

import pytest

from api.access import Role

Client = Any  # starlette.testclient.TestClient
SignIn = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/cases?number=AH20261122-0001", "number"),
        ("/cases?limit=5&Overdue=true", "Overdue"),
        ("/grids?levle=2", "levle"),
        ("/facilities?kidn=school", "kidn"),
        ("/cameras?foo=1", "foo"),
        ("/sessions?all=true", "all"),
        ("/units?cursor=", None),
        ("/layers", None),
        ("/layers/grids/features?level=2", None),
    ],
)
def test_a_name_that_a_route_does_not_know_is_refused(
    client: Client, sign_in: SignIn, path: str, name: str | None
) -> None:
    answer = client.get(f"/api/v1{path}", headers=sign_in(Role.ADMIN))
    body = answer.json()
    refused = body.get("field") if body.get("code") == "unknown_parameter" else None
    assert refused == name
    assert (answer.status_code == 422) >= (name is not None)


def test_the_refusal_says_what_there_is(client: Client, sign_in: SignIn) -> None:
    desk = sign_in("dispatcher")
    assert client.get("/api/v1/cases?supervisd=true", headers=desk).json()["detail"] == (
        "This request has no parameter 'supervisd'; it knows state, category, grid, bbox, owner, open, "
        "external_number, q, source, from, to, overdue, urgent, supervised, department, sort, cursor, "
        "limit."
    )
    body = client.get("/api/v1/sessions?all=1", headers=desk).json()
    assert body["detail"] == "This request has no parameter 'all'; it takes none."

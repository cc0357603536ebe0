"""Whoever may no longer see positions sees no more of them, on a stream that is open too."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
from sqlalchemy import text

from api.streams import stream as streaming
from data.database import Database
from tests.serving import Server, serving

SOON_S = 5.0  # far less than a heartbeat


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with serving(database) as server:
        yield server


def stream(server: Server, token: str) -> AbstractContextManager[httpx.Response]:
    return httpx.stream(
        "GET",
        f"{server.url}/api/v1/positions/stream",
        headers={"Authorization": f"Bearer {token}"},
        timeout=SOON_S,
    )


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sessions",
        "UPDATE accounts SET disabled = true",
        "UPDATE accounts SET role = 'gateway'",
        "UPDATE accounts SET grid_code = '320722001001002'",
        "INSERT INTO role_permissions VALUES ('grid_chief', 'read_positions', false)",
    ],
    ids=["signed out", "disabled", "another role", "another grid", "a permission less"],
)
def test_a_stream_ends_when_what_its_viewer_may_see_changes(server: Server, change: str) -> None:
    token = server.token("grid_chief", grid_code="320722001001001")
    with stream(server, token) as answer:
        chunks = answer.iter_text()
        assert next(chunks) == "retry: 2000\n\n"
        with server.database.begin() as conn:
            conn.execute(text(change))
        for _ in chunks:
            pass


def test_somebody_elses_change_ends_nobodys_stream(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.5)
    viewer, other = server.token("dispatcher"), server.token("analyst")
    with stream(server, viewer) as mine, stream(server, other) as theirs:
        mine_chunks, their_chunks = mine.iter_text(), theirs.iter_text()
        assert next(mine_chunks) == next(their_chunks) == "retry: 2000\n\n"
        with server.database.begin() as conn:
            conn.execute(text("UPDATE accounts SET disabled = true WHERE role = 'analyst'"))
        for _ in their_chunks:
            pass
        for _ in range(2):  # the first may have come before
            assert "event: heartbeat" in next(mine_chunks)

"""What a phone was told is stored must be stored, even if the server or its database is killed the next
moment."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from data.cluster import Cluster
from tests.running import Up, command, open_directory, wait_until

UNITS = [f"T-{number:02}" for number in range(20)]
BATCH = 50


class Installation:
    """A `wangge up` in a directory of its own, to be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.start()

    def start(self) -> None:
        self.up = Up.start(self.directory)

    @property
    def fixes_url(self) -> str:
        return f"{self.up.url}/api/v1/fixes"

    def kill_and_start(self) -> None:
        self.up.kill()
        self.start()

    def kill_database(self) -> None:
        """The server starts it again by itself."""
        pid_file = self.directory / "postgres" / "pgdata" / "postmaster.pid"
        os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGKILL)

    def wait_until_ready(self) -> None:
        wait_until(lambda: httpx.get(f"{self.up.url}/readyz").status_code == 200)

    def run(self, *arguments: str, said: str = "") -> str:
        done = subprocess.run(
            command(*arguments, "--data", self.directory),
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(Cluster(self.directory / "postgres").url("wangge"))


@pytest.fixture
def installation() -> Iterator[Installation]:
    with open_directory() as directory:
        installation = Installation(directory)
        yield installation
        if installation.up.process.poll() is None:
            installation.up.stop(signal.SIGINT)


Key = tuple[str, datetime]


def batches() -> Iterator[list[dict[str, object]]]:
    """Ever new fixes, a second apart for each unit."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
    while True:
        fixes = [
            {"unit": unit, "at": (at + timedelta(seconds=s)).isoformat(), "lon": 118.6, "lat": 34.5}
            for unit in UNITS
            for s in range(BATCH // len(UNITS) + 1)
        ]
        yield fixes
        at += timedelta(seconds=BATCH)


def keys(fixes: list[dict[str, object]]) -> set[Key]:
    return {(str(fix["unit"]), datetime.fromisoformat(str(fix["at"]))) for fix in fixes}


def test_every_acknowledged_fix_is_there_once_after_three_kills_and_one_of_the_database(
    installation: Installation,
) -> None:
    with installation.connect() as conn:
        for unit in UNITS:
            conn.execute(
                "WITH made AS (INSERT INTO units (code, kind, name, role) "
                "VALUES (%s, 'person', %s, 'patroller') RETURNING id) "
                "INSERT INTO duty_sessions (unit_id, began_at) SELECT id, '2000-01-01' FROM made",
                [unit, unit],
            )
    installation.run(
        *("accounts", "create", "gateway", "--role", "gateway", "--password-stdin"),
        said="a long enough password\n",
    )
    token = installation.run("tokens", "create", "--account", "gateway")
    source = batches()
    acknowledged: set[Key] = set()
    unanswered: list[list[dict[str, object]]] = []

    def post_until_it_fails(
        lock: threading.Lock, enough: threading.Event, over: threading.Event
    ) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
            while not over.is_set():
                with lock:
                    fixes = next(source)
                try:
                    answer = client.post(installation.fixes_url, json=fixes)
                    if answer.status_code == 503:  # there is no database
                        answer.raise_for_status()
                except httpx.HTTPError:
                    with lock:
                        unanswered.append(fixes)
                    return
                assert answer.status_code == 200, answer.text
                assert answer.json() == {
                    "accepted": len(fixes),
                    "duplicates": 0,
                    "rejected": [],
                }
                with lock:
                    acknowledged.update(keys(fixes))
                enough.set()

    kill = installation.kill_and_start
    for disaster in (kill, kill, installation.kill_database, kill):
        before = len(acknowledged)
        lock, enough, over = threading.Lock(), threading.Event(), threading.Event()
        phones = [
            threading.Thread(target=post_until_it_fails, args=(lock, enough, over))
            for _ in range(4)
        ]
        for phone in phones:
            phone.start()
        assert enough.wait(30)
        disaster()  # in the middle of whatever the four are posting
        installation.wait_until_ready()
        over.set()
        for phone in phones:
            phone.join()
        assert len(acknowledged) > before

    with installation.connect() as conn:
        stored = conn.execute(
            "SELECT units.code, fixes.at FROM fixes JOIN units ON units.id = fixes.unit_id"
        ).fetchall()
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)
    assert set(stored) <= acknowledged | {key for fixes in unanswered for key in keys(fixes)}

    # A phone that got no answer sends again: now all of it is there, still once.
    for fixes in unanswered:
        answer = httpx.post(
            installation.fixes_url,
            json=fixes,
            headers={"Authorization": f"Bearer {token}"},
        )
        receipt = answer.json()
        assert receipt["accepted"] + receipt["duplicates"] == len(fixes)
    with installation.connect() as conn:
        count = conn.execute("SELECT count(*) FROM fixes").fetchone()
    assert count == (len(acknowledged | {key for fixes in unanswered for key in keys(fixes)}),)

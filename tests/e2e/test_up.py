"""`wangge up` as a process: how it starts, what it says, and how it ends."""

import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api.accounts import Role
from tests.running import Up, command, open_directory, wait_until


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory / "data"


@pytest.fixture(scope="module")
def demo_dir() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory / "data"


@pytest.fixture
def start(data_dir: Path) -> Iterator[list[Up]]:
    started: list[Up] = []
    yield started
    for up in started:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)


def admin_password(data_dir: Path) -> str:
    lines = (data_dir / "credentials.txt").read_text().splitlines()
    [password] = [line.split("\t")[1] for line in lines if line.startswith("admin\t")]
    return password


def cluster_is_stopped(data_dir: Path) -> bool:
    return not (data_dir / "postgres" / "pgdata" / "postmaster.pid").exists()


def sign_in(url: str, username: str, password: str) -> httpx.Response:
    return httpx.post(
        f"{url}/api/v1/sessions", json={"username": username, "password": password}, timeout=30
    )


def programs_headers(data_dir: Path) -> dict[str, str]:
    """Of a program of the administrator's, beside a running server."""
    token = subprocess.run(
        command("tokens", "create", "--account", "admin", "--data", data_dir),
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return {"Authorization": f"Bearer {token}"}


def test_the_first_start_makes_the_administrator_and_ctrl_c_ends_everything(
    data_dir: Path, start: list[Up]
) -> None:
    up = Up.start(data_dir)
    start.append(up)
    assert httpx.get(f"{up.url}/readyz").json() == {"status": "ready"}
    password = admin_password(data_dir)
    assert any("admin" in line and password in line for line in up.greeting)
    assert (data_dir / "credentials.txt").stat().st_mode & 0o777 == 0o600
    answer = sign_in(up.url, "admin", password)
    assert answer.status_code == 201
    assert answer.json()["account"]["pending"] == ["change_password"]

    assert up.stop(signal.SIGINT) == (130, "")
    assert cluster_is_stopped(data_dir)


def made_at(data_dir: Path) -> int:
    """When its cluster was made."""
    return (data_dir / "postgres" / "pgdata" / "PG_VERSION").stat().st_mtime_ns


def test_the_second_start_makes_nothing_anew_and_keeps_the_accounts(
    data_dir: Path, start: list[Up]
) -> None:
    before, cluster_made_at = (data_dir / "credentials.txt").read_text(), made_at(data_dir)
    up = Up.start(data_dir)
    start.append(up)
    assert made_at(data_dir) == cluster_made_at
    password = admin_password(data_dir)
    assert not any(password in line for line in up.greeting), "a service's log is no place for it"
    assert (data_dir / "credentials.txt").read_text() == before
    assert sign_in(up.url, "admin", password).status_code == 201

    assert up.stop(signal.SIGTERM) == (0, "")
    assert cluster_is_stopped(data_dir)


def test_a_viewer_who_stays_does_not_hold_up_the_end(data_dir: Path, start: list[Up]) -> None:
    up = Up.start(data_dir)
    start.append(up)
    stream = httpx.stream(
        "GET",
        f"{up.url}/api/v1/positions/stream",
        headers=programs_headers(data_dir),
        timeout=30,
    )
    with stream as answer:
        assert answer.status_code == 200
        began = time.monotonic()
        assert up.stop(signal.SIGTERM) == (0, "")
        assert time.monotonic() - began < 10


def test_a_second_server_on_the_same_data_is_refused_in_one_line(
    data_dir: Path, start: list[Up]
) -> None:
    start.append(Up.start(data_dir))
    second = subprocess.run(
        command("up", "--data", data_dir, "--port", 0), check=False, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"already running on {data_dir}" in second.stderr


def test_commands_work_beside_a_running_server(data_dir: Path, start: list[Up]) -> None:
    up = Up.start(data_dir)
    start.append(up)
    headers = programs_headers(data_dir)
    assert httpx.get(f"{up.url}/api/v1/sessions", headers=headers).status_code == 200
    assert httpx.get(f"{up.url}/readyz").status_code == 200, "the cluster is still the server's"


def test_a_taken_port_is_one_line_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            command("up", "--data", tmp_path / "data", "--port", port),
            check=False,
            capture_output=True,
            text=True,
        )
    assert refused.returncode == 1
    assert refused.stderr == (
        f"wangge: Port {port} is taken by another program; choose another one with --port.\n"
    )
    assert not (tmp_path / "data" / "postgres").exists()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_the_demo_town_is_alive_and_still_there_the_next_time(
    demo_dir: Path, start: list[Up]
) -> None:
    up = Up.start(demo_dir, "--demo")
    start.append(up)
    rows = [line.split("\t") for line in (demo_dir / "credentials.txt").read_text().splitlines()]
    accounts = {row[2]: (row[0], row[1]) for row in rows if len(row) == 3}
    assert set(accounts) == {role for role in Role if not role.is_gateway} - {Role.DEVICE}
    answers = {role: sign_in(up.url, *accounts[role]) for role in accounts}
    assert {answer.status_code for answer in answers.values()} == {201}
    chief = answers["grid_chief"].json()["account"]
    assert chief["scope"]["roots"][0]["level"] == 1
    assert chief["scope"]["grids"] > 1

    headers = {"Authorization": f"Bearer {answers['dispatcher'].json()['token']}"}

    def latest(url: str) -> list[datetime]:
        """When each unit on duty was last heard of."""
        answer = httpx.get(f"{url}/api/v1/positions", headers=headers, timeout=30)
        units = [feature["properties"] for feature in answer.json()["features"]]
        return [datetime.fromisoformat(u["at"]) for u in units if u["state"] != "off_duty"]

    now = datetime.now(UTC)
    wait_until(lambda: min(latest(up.url)) > now, within_s=90)
    children = children_of(up.process.pid)
    assert len(children) == 2, "the simulator and the worker"
    assert up.stop(signal.SIGTERM) == (0, "")
    assert cluster_is_stopped(demo_dir)
    assert not any(is_there(child) for child in children)

    assert any("Drawing" in line for line in up.greeting)
    again = Up.start(demo_dir, "--demo")
    start.append(again)
    assert not any("Drawing" in line for line in again.greeting)
    assert min(latest(again.url)) > now


def test_the_simulator_goes_on_under_tls_and_all_ends_with_a_server_that_was_killed(
    demo_dir: Path, start: list[Up]
) -> None:
    up = Up.start(demo_dir, "--demo", "--tls")
    start.append(up)
    tls = demo_dir / "tls"
    trusting = ssl.create_default_context(cafile=tls / "ca.crt")
    headers = programs_headers(demo_dir)

    def heard_of(up: Up, since: datetime) -> bool:
        url = f"{up.url}/api/v1/positions"
        answer = httpx.get(url, headers=headers, verify=trusting, timeout=30)
        times = [feature["properties"]["at"] for feature in answer.json()["features"]]
        return max(map(datetime.fromisoformat, times)) > since

    now = datetime.now(UTC)
    wait_until(lambda: heard_of(up, now), within_s=60)
    children = children_of(up.process.pid)
    up.kill()
    wait_until(lambda: not any(is_there(child) for child in children))

    # As with a certificate from elsewhere: the child knows the certificate, not who issued it.
    files = ("--tls-certificate", tls / "server.crt", "--tls-key", tls / "server.key")
    again = Up.start(demo_dir, "--demo", *files)
    start.append(again)
    now = datetime.now(UTC)
    wait_until(lambda: heard_of(again, now), within_s=60)
    assert again.stop(signal.SIGTERM) == (0, "")
    assert cluster_is_stopped(demo_dir), "the cluster that the killed one left running"

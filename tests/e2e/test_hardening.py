"""A running server and somebody who means it harm, and what is written down meanwhile."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from data.cluster import Cluster
from data.cluster.binaries import find_binaries
from data.cluster.locks import exclusive
from data.database import Database
from tests.running import Up, command, open_directory

MB = 1024 * 1024


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory / "data"


@pytest.fixture(scope="module")
def up(data_dir: Path) -> Iterator[Up]:
    up = Up.start(data_dir)
    yield up
    up.stop(signal.SIGTERM)


def connect(up: Up) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(up.url.rpartition(":")[2])), timeout=30)


def memory_mb(up: Up) -> int:
    """What the process has held at most so far."""
    status = Path(f"/proc/{up.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


def received(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass  # it had more to read than it wanted to
    return b"".join(parts)


HEAD = "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_body_of_100_mb_is_refused_before_it_is_sent(up: Up) -> None:
    with connect(up) as connection:
        connection.sendall(f"{HEAD}Content-Length: {100 * MB}\r\n\r\n".encode())
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_a_body_that_does_not_say_its_length_is_cut_off_and_takes_no_memory(up: Up) -> None:
    before = memory_mb(up)
    chunk = b"%x\r\n%b\r\n" % (MB, b" " * MB)
    sent = 0
    with connect(up) as connection:
        connection.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            while sent < 100:
                connection.sendall(chunk)
                sent += 1
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = received(connection)
    assert sent < 60, "it read on"
    assert answer == b"" or answer.startswith(b"HTTP/1.1 413 ")
    assert memory_mb(up) - before < 64


@pytest.mark.parametrize(
    "part", [b"a", b"x: y\r\n", b"x: " + b"y" * 1000], ids=["line", "headers", "header"]
)
def test_a_head_without_end_is_cut_off(up: Up, part: bytes) -> None:
    before = memory_mb(up)
    sent = 0
    with connect(up) as connection:
        connection.sendall(b"GET /" if part == b"a" else b"GET / HTTP/1.1\r\n")
        try:
            while sent < 20 * MB:
                connection.sendall(part * (65536 // len(part)))
                sent += 65536
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = received(connection)
    assert sent < 20 * MB
    assert answer == b"" or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert memory_mb(up) - before < 32


def test_a_web_socket_is_not_opened(up: Up) -> None:
    upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    with connect(up) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n".encode())
        assert b" 101 " not in connection.recv(100)


def credentials(data_dir: Path) -> str:
    lines = (data_dir / "credentials.txt").read_text().splitlines()
    [password] = [line.split("\t")[1] for line in lines if line.startswith("admin\t")]
    return password


def command_lines(root: int) -> list[str]:
    """Of a process and all that it started, and of PostgreSQL's."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text().replace("\0", " ")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if root in (int(folder.name), parent) or "postgres" in line:
            lines.append(line)
    return lines


def test_no_secret_is_ever_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WANGGE_DEBUG", "1")  # as --debug does
    with open_directory() as directory:
        data_dir = directory / "data"
        up = Up.start(data_dir)
        secrets = {credentials(data_dir)}
        try:
            secrets |= _do_everything_with_secrets(up, data_dir)
            lines = command_lines(up.process.pid)
            bearer = {"Authorization": "Bearer a-token-of-somebody-else"}
            sign_in = {"username": "admin", "password": "a password nobody has"}
            with exclusive(data_dir / "postgres" / "mutex"):  # or the server starts it again
                _take_the_database_away(data_dir)
                for _ in range(2):
                    httpx.get(f"{up.url}/api/v1/sessions", headers=bearer)
                    answer = httpx.post(f"{up.url}/api/v1/sessions", json=sign_in, timeout=30)
            assert answer.status_code == 503
            secrets |= {"a-token-of-somebody-else", sign_in["password"]}
        finally:
            up.process.terminate()
            said, complained = up.process.communicate(timeout=60)
        log = (data_dir / "postgres" / "server.log").read_text()
        key = (data_dir / "secret.key").read_bytes()

    assert "database away" in complained, "the log was not looked at"
    assert "duplicate key" in log or "violates" in log, "no statement failed"
    for place, content in {
        "standard output": said,
        "standard error": complained,
        "server.log": log,
        "process list": "\n".join(lines),
    }.items():
        for secret in secrets:
            assert secret not in content, f"{secret!r} in {place}"
        assert key.hex() not in content


def _do_everything_with_secrets(up: Up, data_dir: Path) -> set[str]:
    """Signs in, makes tokens, changes a password, provokes errors of every kind."""
    url = f"{up.url}/api/v1"
    first, second = credentials(data_dir), "another password for the administrator"
    signed_in = httpx.post(
        f"{url}/sessions", json={"username": "admin", "password": first}, timeout=30
    )
    token = signed_in.raise_for_status().json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    changed = httpx.put(
        f"{url}/sessions/password",
        json={"old": first, "new": second},
        headers=bearer,
        timeout=30,
    )
    assert changed.status_code == 204, changed.text
    made = subprocess.run(
        command("tokens", "create", "--account", "admin", "--data", data_dir),
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    ).stdout.strip()
    wrong = {"username": "admin", "password": "wrong password of admin"}
    assert httpx.post(f"{url}/sessions", json=wrong, timeout=30).status_code == 401
    malformed = {"username": 7, "password": "a malformed request's password"}
    httpx.post(f"{url}/sessions", json=malformed)
    httpx.post(f"{url}/sessions", json={"username": "a\0b", "password": "a NUL's password"})
    httpx.get(f"{url}/sessions", headers={"Cookie": "wangge_session=a-forged-cookie"})
    httpx.get(f"{url}/positions?token=a-token-in-an-address", headers=bearer)
    with connect(up) as connection:  # not HTTP at all
        connection.sendall(b"Authorization: Bearer a-token-out-of-place\r\n\r\n")
        connection.recv(1000)
    _let_a_statement_fail(data_dir)
    hashes = _stored_hashes(data_dir)
    return {
        *(first, second, token, made, wrong["password"], malformed["password"]),
        *("a NUL's password", "a-forged-cookie", "a-token-in-an-address", "a-token-out-of-place"),
        *hashes,
    }


def _let_a_statement_fail(data_dir: Path) -> None:
    """Whose parameters and whose row must not show."""
    database = Database(Cluster(data_dir / "postgres").url("wangge"))
    try:
        with pytest.raises(Exception, match="duplicate key"), database.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO accounts (username, role, password_hash) "
                    "VALUES ('admin', 'admin', 'a hash in a statement'), (:name, 'admin', :hash)"
                ),
                {"name": "admin", "hash": "a hash in a parameter"},
            )
    finally:
        database.close()


def _stored_hashes(data_dir: Path) -> set[str]:
    database = Database(Cluster(data_dir / "postgres").url("wangge"))
    try:
        with database.begin() as conn:
            passwords = conn.scalars(text("SELECT password_hash FROM accounts")).all()
            tokens = conn.scalars(text("SELECT encode(token_hash, 'hex') FROM sessions")).all()
    finally:
        database.close()
    return {"a hash in a statement", "a hash in a parameter", *filter(None, passwords), *tokens}


def _take_the_database_away(data_dir: Path) -> None:
    pgdata = str(data_dir / "postgres" / "pgdata")
    stopped = find_binaries().run("pg_ctl", "-D", pgdata, "-m", "immediate", "-w", "stop")
    assert stopped.returncode == 0, stopped.stdout


@pytest.mark.parametrize("trusted", [False, True], ids=["by nobody", "by its setting"])
def test_a_stranger_cannot_say_where_they_come_from(
    monkeypatch: pytest.MonkeyPatch, data_dir: Path, up: Up, trusted: bool
) -> None:
    if not trusted:
        _check_address(up, data_dir, "127.0.0.1")
        return
    monkeypatch.setenv("WANGGE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    with open_directory() as directory:
        behind = Up.start(directory / "data")
        try:
            _check_address(behind, directory / "data", "203.0.113.9")
        finally:
            behind.stop(signal.SIGTERM)


def _check_address(up: Up, data_dir: Path, expected: str) -> None:
    httpx.post(
        f"{up.url}/api/v1/sessions",
        json={"username": "nobody", "password": "wrong password"},
        headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 10.1.1.1"},
        timeout=30,
    )
    database = Database(Cluster(data_dir / "postgres").url("wangge"))
    try:
        with database.begin() as conn:
            addresses = conn.scalars(
                text("SELECT DISTINCT address FROM audit_events WHERE action = 'session.refused'")
            ).all()
    finally:
        database.close()
    assert addresses == [expected]


def test_a_trusted_proxy_must_be_an_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WANGGE_TRUSTED_PROXIES", "*")
    refused = subprocess.run(
        command("up", "--data", tmp_path / "data", "--port", 0),
        check=False,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "WANGGE_TRUSTED_PROXIES cannot hold '*'" in refused.stderr

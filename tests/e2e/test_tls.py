"""`wangge up --tls` as a process: who trusts it, and what stays from one start to the next."""

import signal
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from api.cli.doctor import examine
from api.tls import HostNames, fingerprint_of, names_of_this_machine, own_certificate
from api.tls.authority import names_in
from data.installation import Installation
from tests.running import Up, open_directory


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory / "data"


@pytest.fixture
def start() -> Iterator[list[Up]]:
    started: list[Up] = []
    yield started
    for up in started:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)


def trusting(data_dir: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=data_dir / "tls" / "ca.crt")


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def port_of(up: Up) -> int:
    return int(up.url.rpartition(":")[2])


def test_whoever_trusts_the_authority_comes_in_and_nobody_else(
    data_dir: Path, start: list[Up]
) -> None:
    up = Up.start(data_dir, "--tls", "--name", "wangge.lan")
    start.append(up)
    assert up.url.startswith("https://127.0.0.1:")
    authority = certificate(data_dir / "tls" / "ca.crt")
    assert any(fingerprint_of(authority) in line for line in up.greeting)
    assert any(f"{up.url}/ca.crt" in line for line in up.greeting)

    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{up.url}/healthz")
    context = trusting(data_dir)
    answer = httpx.get(f"{up.url}/healthz", verify=context)
    assert answer.json() == {"status": "alive"}
    assert "strict-transport-security" not in answer.headers

    names = names_in(certificate(data_dir / "tls" / "server.crt"))
    assert {"localhost", "wangge.lan"} <= names.dns
    assert ip_address("127.0.0.1") in names.addresses

    handed_out = httpx.get(f"{up.url}/ca.crt", verify=context)
    assert handed_out.content == (data_dir / "tls" / "ca.crt").read_bytes()
    assert handed_out.headers["content-type"] == "application/x-x509-ca-cert"
    assert "attachment" in handed_out.headers["content-disposition"]

    findings = {
        each.subject: each for each in examine(Installation(data_dir=data_dir), port_of(up))
    }
    assert "is running" in findings["port"].message
    assert findings["TLS"].verdict == "ok"
    assert up.stop(signal.SIGTERM) == (0, "")


def test_plain_http_at_the_same_port_is_turned_away_at_once(
    data_dir: Path, start: list[Up]
) -> None:
    up = Up.start(data_dir, "--tls")
    start.append(up)
    with socket.create_connection(("127.0.0.1", port_of(up)), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            answer = connection.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert not answer.startswith(b"HTTP")
    assert httpx.get(f"{up.url}/healthz", verify=trusting(data_dir)).status_code == 200
    assert up.stop(signal.SIGTERM) == (0, "")


def test_the_next_start_keeps_the_authority_and_renews_a_certificate_that_has_ended(
    data_dir: Path, start: list[Up]
) -> None:
    authority = (data_dir / "tls" / "ca.crt").read_bytes()
    long_ago = datetime.now(UTC) - timedelta(days=400)
    (data_dir / "tls" / "server.crt").unlink()
    own_certificate(data_dir / "tls", HostNames.of([]), names_of_this_machine(), long_ago)
    ended = certificate(data_dir / "tls" / "server.crt")
    assert ended.not_valid_after_utc < datetime.now(UTC)

    start.append(Up.start(data_dir, "--tls"))
    assert (data_dir / "tls" / "ca.crt").read_bytes() == authority
    answer = httpx.get(f"{start[0].url}/healthz", verify=trusting(data_dir))
    assert answer.status_code == 200


def test_a_certificate_from_elsewhere_is_served_with_hsts_and_without_an_authority(
    data_dir: Path, start: list[Up]
) -> None:
    files = data_dir / "tls"
    up = Up.start(
        data_dir, "--tls-certificate", files / "server.crt", "--tls-key", files / "server.key"
    )
    start.append(up)
    with httpx.Client(base_url=up.url, verify=trusting(data_dir)) as client:
        answer = client.get("/healthz")
        assert answer.headers["strict-transport-security"] == "max-age=2592000"
        assert client.get("/ca.crt").status_code == 404
        [line] = [
            line.split("\t")
            for line in (data_dir / "credentials.txt").read_text().splitlines()
            if line.startswith("admin\t")
        ]
        signed_in = client.post(
            "/api/v1/sessions", json={"username": line[0], "password": line[1]}, timeout=30
        )
        assert "; Secure" in signed_in.headers["set-cookie"]

"""The installation's own certificate authority and what it vouches for."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from api.tls import (
    Authority,
    HostNames,
    Tls,
    given_certificate,
    names_of_this_machine,
    own_certificate,
)
from api.tls.authority import names_in
from api.tls.files import _read_pair, _write_pair
from gis.errors import InstallationError, InvalidInput

NOW = datetime.now(UTC)
MACHINE = HostNames.of(["localhost", "town-hall", "127.0.0.1", "192.168.1.10", "203.0.113.7"])


def make(folder: Path, *names: str, now: datetime = NOW, machine: HostNames = MACHINE) -> Tls:
    return own_certificate(folder, HostNames.of(names), machine, now)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def handshake(tls: Tls, server_name: str) -> None:
    """What a client that trusts the authority makes of the server. Raises ssl.SSLError."""
    ours, theirs = socket.socketpair()

    def answer() -> None:
        try:
            tls.to_context().wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    server = threading.Thread(target=answer)
    server.start()
    try:
        with ssl.create_default_context(cafile=tls.trusted).wrap_socket(
            ours, server_hostname=server_name
        ):
            pass
    finally:
        ours.close()
        server.join(10)


@pytest.mark.parametrize("name", ["localhost", "town-hall", "127.0.0.1", "203.0.113.7"])
def test_whoever_trusts_the_authority_trusts_the_server_under_each_of_its_names(
    tmp_path: Path, name: str
) -> None:
    handshake(make(tmp_path / "tls"), name)


def test_a_name_that_was_not_asked_for_is_not_the_servers(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(make(tmp_path / "tls"), "wangge.lan")
    handshake(make(tmp_path / "tls", "wangge.lan"), "wangge.lan")


def test_the_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    make(tmp_path / "tls")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "tls").iterdir()}
    assert modes == {"ca.key": 0o600, "server.key": 0o600, "ca.crt": 0o644, "server.crt": 0o644}
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path / "tls", "wangge.lan")
    before = {path.name: path.read_bytes() for path in (tmp_path / "tls").iterdir()}
    make(tmp_path / "tls", "wangge.lan", now=NOW + timedelta(days=300))
    assert {path.name: path.read_bytes() for path in (tmp_path / "tls").iterdir()} == before


@pytest.mark.parametrize("days", [370, 397, 1000])
def test_a_certificate_near_or_past_its_end_is_renewed_and_the_authority_stays(
    tmp_path: Path, days: int
) -> None:
    tls = make(tmp_path / "tls")
    first, authority = read(tls.certificate), tls.trusted.read_bytes()
    later = NOW + timedelta(days=days)
    make(tmp_path / "tls", now=later)
    second = read(tls.certificate)
    assert second.serial_number != first.serial_number
    assert second.not_valid_after_utc > later + timedelta(days=365)
    assert tls.trusted.read_bytes() == authority


def test_other_names_or_addresses_make_another_certificate(tmp_path: Path) -> None:
    tls = make(tmp_path / "tls")
    moved = HostNames.of(["localhost", "town-hall", "192.168.1.11"])
    make(tmp_path / "tls", machine=moved)
    assert names_in(read(tls.certificate)) == moved


def test_a_certificate_never_outlives_what_phones_accept_or_its_authority(tmp_path: Path) -> None:
    tls = make(tmp_path / "tls")
    certificate = read(tls.certificate)
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts <= timedelta(days=397)
    ends = read(tls.trusted).not_valid_after_utc
    make(tmp_path / "tls", now=ends - timedelta(days=5))
    assert read(tls.certificate).not_valid_after_utc <= ends


def test_an_authority_that_has_ended_says_what_to_do(tmp_path: Path) -> None:
    make(tmp_path / "tls")
    with pytest.raises(InstallationError, match="make a new one"):
        make(tmp_path / "tls", now=NOW + timedelta(days=3651))


def test_the_authority_vouches_for_an_intranet_and_for_nothing_else(tmp_path: Path) -> None:
    make(tmp_path / "tls", "wangge.town.gov.cn")
    make(tmp_path / "tls", "wangge.town.gov.cn", "other.lan", "10.9.8.7")
    for name in ("bank.example", "8.8.8.8", "town.gov.cn"):
        with pytest.raises(InstallationError, match=f"may not vouch for {name}"):
            make(tmp_path / "tls", name)


def test_a_client_refuses_what_a_stolen_authority_says_about_a_bank(tmp_path: Path) -> None:
    tls = make(tmp_path / "tls")
    certificate, key = _read_pair(tls.trusted, tmp_path / "tls" / "ca.key")
    stolen = Authority(certificate=certificate, key=key)
    _write_pair(tls.certificate, tls.key, *stolen.issue(HostNames.of(["bank.example"]), NOW))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(tls, "bank.example")


def test_a_name_that_the_machine_got_later_is_left_out_and_not_an_error(tmp_path: Path) -> None:
    tls = make(tmp_path / "tls", machine=HostNames.of(["localhost"]))
    make(tmp_path / "tls", machine=HostNames.of(["localhost", "renamed.example", "10.0.0.9"]))
    assert names_in(read(tls.certificate)) == HostNames.of(["localhost", "10.0.0.9"])


def test_a_certificate_of_another_authority_is_replaced(tmp_path: Path) -> None:
    make(tmp_path / "a")
    other = make(tmp_path / "b")
    for name in ("server.crt", "server.key"):
        (tmp_path / "a" / name).write_bytes((tmp_path / "b" / name).read_bytes())
    handshake(make(tmp_path / "a"), "localhost")
    handshake(other, "localhost")


@pytest.mark.parametrize("name", ["server.key", "server.crt"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_broken_certificate_is_made_anew(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    make(tmp_path / "tls")
    if content is None:
        (tmp_path / "tls" / name).unlink()
    else:
        (tmp_path / "tls" / name).write_bytes(content)
    handshake(make(tmp_path / "tls"), "localhost")


def test_an_authority_without_its_key_is_never_replaced_in_silence(tmp_path: Path) -> None:
    make(tmp_path / "tls")
    (tmp_path / "tls" / "ca.key").unlink()
    with pytest.raises(InstallationError, match="from a backup"):
        make(tmp_path / "tls")


def test_a_start_that_died_between_the_two_files_of_an_authority_is_no_obstacle(
    tmp_path: Path,
) -> None:
    make(tmp_path / "tls")
    (tmp_path / "tls" / "ca.crt").unlink()
    (tmp_path / "tls" / "ca.crt.unfinished").write_text("half")
    handshake(make(tmp_path / "tls"), "localhost")


def test_a_given_pair_is_used_as_it_is(tmp_path: Path) -> None:
    own = make(tmp_path / "tls")
    given = given_certificate(own.certificate, own.key)
    given.to_context()
    assert given.authority is None


@pytest.mark.parametrize("wrong", ["missing", "another's", "locked", "no certificate"])
def test_a_given_pair_that_cannot_be_used_is_explained(tmp_path: Path, wrong: str) -> None:
    own, other = make(tmp_path / "tls"), make(tmp_path / "other")
    key = tmp_path / "key.pem"
    certificate = own.certificate
    if wrong == "another's":
        key = other.key
    elif wrong == "locked":
        secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        locked = BestAvailableEncryption(b"secret")
        key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    elif wrong == "no certificate":
        key, certificate = own.key, own.key
    with pytest.raises(InstallationError, match="the key without a password"):
        given_certificate(certificate, key).to_context()


@pytest.mark.parametrize("word", ["", "a b", "-x", "*.lan", "x/y", "a..b", "a" * 300, "1.2.3.4/8"])
def test_what_is_no_name_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput, match="neither a host name nor an address"):
        HostNames.of([word])


def test_names_are_written_as_certificates_have_them() -> None:
    names = HostNames.of(["Wangge.LAN.", "网格.lan", "[fd00::2]", "10.0.0.5"])
    assert names.dns == {"wangge.lan", "xn--0xvs72c.lan"}
    assert names.addresses == {ip_address("fd00::2"), ip_address("10.0.0.5")}


def test_this_machine_is_called_something() -> None:
    names = names_of_this_machine()
    assert "localhost" in names.dns
    assert ip_address("127.0.0.1") in names.addresses

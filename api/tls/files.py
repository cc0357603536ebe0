"""The certificates of an installation as files.

DATA/tls/ca.crt, ca.key          the authority: made once, trusted by phones, kept
DATA/tls/server.crt, server.key  what the server shows: renewed whenever it has to be
"""

import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.tls.authority import Authority, Key, fingerprint_of, names_in
from api.tls.names import HostNames
from gis.errors import InstallationError

_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """Files in PEM. `authority` is the installation's own, None for certificates from elsewhere."""

    certificate: Path
    key: Path
    authority: Path | None

    @property
    def trusted(self) -> Path:
        """The file that a client has to trust."""
        return self.authority or self.certificate

    @property
    def authority_pem(self) -> bytes | None:
        return None if self.authority is None else self.authority.read_bytes()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what a client has to trust."""
        return fingerprint_of(x509.load_pem_x509_certificate(self.trusted.read_bytes()))

    def to_context(self) -> ssl.SSLContext:
        """For a server. Raises InstallationError when the files cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # Without a password a locked key would make OpenSSL ask for one at the terminal.
            context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:
            raise InstallationError(
                f"TLS cannot use {self.certificate} with {self.key}: they must be a certificate (its "
                "chain below it) and its key, in PEM, the key without a password."
            ) from error
        return context


def given_certificate(certificate: Path, key: Path) -> Tls:
    return Tls(certificate=certificate, key=key, authority=None)


def own_certificate(folder: Path, wanted: HostNames, found: HostNames, now: datetime) -> Tls:
    """The certificate for `found`, what this machine is called, and for `wanted`, what somebody asks
    for beside it. The authority is made if there is none; the certificate is renewed when it ends
    within 30 days or the names have changed.

    Raises InstallationError when the authority may not vouch for a wanted name, or cannot be read.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    tls = Tls(
        certificate=folder / "server.crt", key=folder / "server.key", authority=folder / "ca.crt"
    )
    authority = _authority(folder, wanted | found, now)
    refused = wanted - authority.permitted(wanted)
    if refused:
        raise InstallationError(
            f"The certificate authority in {folder} was made for other names and may not vouch for "
            f"{refused}. Remove the folder to make a new one (every phone and browser has to trust "
            "that one anew), or leave the name out."
        )
    names = authority.permitted(wanted | found)
    if not _is_good(tls, authority, names, now):
        _write_pair(tls.certificate, tls.key, *authority.issue(names, now))
    return tls


def _authority(folder: Path, names: HostNames, now: datetime) -> Authority:
    certificate, key = folder / "ca.crt", folder / "ca.key"
    if not certificate.exists():  # the key is written first: alone it was never used
        authority = Authority.create(names, now)
        _write_pair(certificate, key, authority.certificate, authority.key)
        return authority
    try:
        read = _read_pair(certificate, key)
    except (OSError, ValueError) as error:
        raise InstallationError(
            f"The certificate authority in {folder} cannot be read. Restore ca.crt and ca.key from a "
            "backup, or remove the folder to make a new one."
        ) from error
    return Authority(certificate=read[0], key=read[1])


def _is_good(tls: Tls, authority: Authority, names: HostNames, now: datetime) -> bool:
    try:
        certificate, _ = _read_pair(tls.certificate, tls.key)
        certificate.verify_directly_issued_by(authority.certificate)
        issued_for = names_in(certificate)
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    valid = certificate.not_valid_before_utc <= now
    lasts = certificate.not_valid_after_utc - now >= _RENEW_BEFORE
    return valid and lasts and issued_for == names


def _read_pair(certificate: Path, key: Path) -> tuple[x509.Certificate, Key]:
    """Raises OSError or ValueError."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    private = load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is of another kind")
    if private.public_key() != read.public_key():
        raise ValueError("the key is another certificate's")
    return read, private


def _write_pair(
    certificate_path: Path, key_path: Path, certificate: x509.Certificate, key: Key
) -> None:
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(key_path, secret, 0o600)
    _write(certificate_path, certificate.public_bytes(Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """All or nothing, and on the disk when it returns."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)

"""Which certificate `wangge up` serves with, and what people have to know about it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.tls import HostNames, Tls, given_certificate, names_of_this_machine, own_certificate
from gis.errors import InvalidInput

TlsOption = Annotated[
    bool, typer.Option("--tls", help="Serve HTTPS with a certificate of the installation's own.")
]
NameOption = Annotated[
    list[str] | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="A further host name or address that the certificate is for; may be repeated.",
        show_default=False,
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Serve HTTPS with this certificate and its chain (PEM)."),
]
KeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The key of --tls-certificate (PEM).")
]


def find_tls(
    data_dir: Path,
    *,
    tls: bool,
    names: Sequence[str],
    certificate: Path | None,
    key: Path | None,
) -> Tls | None:
    """None for plain HTTP. Raises InvalidInput for options that contradict each other."""
    if (certificate is None) is not (key is None):
        raise InvalidInput("--tls-certificate and --tls-key go together.", field="tls-key")
    if certificate is not None and key is not None:
        if tls or names:
            raise InvalidInput(
                "--tls and --name are for a certificate of the installation's own; leave them out "
                "beside --tls-certificate.",
                field="tls",
            )
        return given_certificate(certificate, key)
    if not tls:
        if names:
            raise InvalidInput("--name says what a certificate is for: add --tls.", field="name")
        return None
    return own_certificate(
        data_dir / "tls", HostNames.of(names), names_of_this_machine(), datetime.now(UTC)
    )


def greeting_of(tls: Tls | None, url: str, for_others: Sequence[str]) -> Iterator[str]:
    """How other machines come in, and what they have to trust."""
    if for_others:
        yield f"Other machines reach it at {' or '.join(for_others)}"
    if tls is None:
        if for_others:
            yield "Without --tls everybody on the way can read passwords and positions."
    elif tls.authority is not None:
        where = (for_others or [url])[0]
        yield f"Its certificate authority is {tls.authority}; phones get it at {where}/ca.crt"
        yield "and trust it once somebody has compared its SHA-256 (docs/administrator.md says how):"
        yield f"  {tls.fingerprint}"

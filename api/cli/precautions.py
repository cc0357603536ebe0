"""What `wangge doctor` looks at to see whether the installation is safe."""

import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from sqlalchemy import select

from api.cli.credentials import CredentialsFile
from api.cli.finding import Answer, Verdict
from data.database import Database
from data.installation import Installation
from data.schema import audit_head
from layers.basemaps import BasemapSettings, basemap_file

_SOON_DAYS = 30


def check_credentials(data_dir: Path) -> Answer:
    file = CredentialsFile(data_dir)
    if not file.path.exists():
        return Verdict.NOTE, f"{file.path} is not there"
    if file.others_may_read():
        return Verdict.WRONG, f"others may read {file.path}: run 'chmod 600 {file.path}'"
    return Verdict.OK, f"{file.path}, readable by its owner only"


def check_keys(data_dir: Path) -> Answer:
    """The installation's secret key, and those of TLS."""
    candidates = [
        data_dir / "secret.key",
        data_dir / "tls" / "ca.key",
        data_dir / "tls" / "server.key",
    ]
    keys = [path for path in candidates if path.exists()]
    if not keys:
        return Verdict.NOTE, "not made yet: 'wangge up' makes them"
    open_ones = [str(path) for path in keys if path.stat().st_mode & 0o077]
    if open_ones:
        names = " ".join(open_ones)
        return Verdict.WRONG, f"others may read {names}: run 'chmod 600 {names}'"
    foreign = [str(path) for path in keys if path.stat().st_uid != os.geteuid()]
    if foreign:
        return (
            Verdict.NOTE,
            f"{', '.join(foreign)} belongs to another user, who has to run the server",
        )
    return Verdict.OK, f"{', '.join(path.name for path in keys)}, readable by their owner only"


def check_basemaps(installation: Installation) -> Answer:
    """Whether `basemaps.toml` can be read, and whether its keys are."""
    settings = BasemapSettings.of(installation)
    if not settings.basemaps:
        return Verdict.OK, "the local map alone"
    keyed = any(pyramid.key for basemap in settings.basemaps for pyramid in basemap.pyramids)
    path = basemap_file(installation)
    if keyed and path.stat().st_mode & 0o077:
        return Verdict.WRONG, f"others may read the key in {path}: run 'chmod 600 {path}'"
    return Verdict.OK, ", ".join(basemap.id for basemap in settings.basemaps)


def check_tls(data_dir: Path, now: datetime | None = None) -> Answer:
    """When the certificates of one's own end."""
    now = now or datetime.now(UTC)
    folder = data_dir / "tls"
    if not (folder / "ca.crt").exists():
        return (
            Verdict.NOTE,
            "no certificate of its own: for other machines, 'wangge up --tls' makes one",
        )
    ends = {}
    for name in ("ca.crt", "server.crt"):
        try:
            certificate = x509.load_pem_x509_certificate((folder / name).read_bytes())
        except (OSError, ValueError):
            return (
                Verdict.WRONG,
                f"{folder / name} cannot be read: 'wangge up --tls' says what to do",
            )
        ends[name] = certificate.not_valid_after_utc
    for name, end in ends.items():
        days = (end - now).days
        if name == "ca.crt" and days < 400:
            verdict = Verdict.WRONG if days < 0 else Verdict.NOTE
            return verdict, (
                f"the authority ends on {end.date()}: remove {folder} to make a new one, and let every "
                "phone and browser trust it"
            )
        if days < _SOON_DAYS:
            verdict = Verdict.WRONG if days < 0 else Verdict.NOTE
            return (
                verdict,
                f"the certificate ends on {end.date()}: restarting 'wangge up' renews it",
            )
    return Verdict.OK, f"the certificate ends on {ends['server.crt'].date()}, the authority later"


def check_roles(installation: Installation) -> Answer:
    """Whether the server answers requests under row-level security."""
    if installation.database_url is None:
        return Verdict.OK, "the server works as wangge_app and wangge_tracking"
    urls = {
        "WANGGE_APPLICATION_URL": installation.application_url,
        "WANGGE_TRACKING_URL": installation.tracking_url,
    }
    missing = [name for name, url in urls.items() if url is None]
    if missing:
        return Verdict.NOTE, (
            f"{' and '.join(missing)} not set: the server works as the owner of the tables, without "
            "the second wall of row-level security"
        )
    return (
        Verdict.OK,
        "the server works as the roles of WANGGE_APPLICATION_URL and WANGGE_TRACKING_URL",
    )


def check_audit(database: Database) -> Answer:
    with database.begin() as conn:
        head = conn.execute(select(audit_head.c.last_id)).one_or_none()
    if head is None:
        return Verdict.WRONG, "the end of its chain is gone: run 'wangge audit verify'"
    return Verdict.OK, f"its chain ends at record {head.last_id}"

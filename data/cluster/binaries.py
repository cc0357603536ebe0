"""PostgreSQL's programs as Debian installs them: one folder for each major version."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gis.errors import InstallationError

_PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one major version, and the unprivileged user they run as.

    PostgreSQL refuses to run as root; root hands over to Debian's `postgres` user.
    """

    version: int
    bin_dir: Path
    user: str
    uid: int
    gid: int

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `program` to its end. The output is captured; the exit code is the caller's to judge."""
        drop = os.geteuid() == 0
        return subprocess.run(
            [self.bin_dir / program, *arguments],
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)},
            user=self.uid if drop else None,
            group=self.gid if drop else None,
            extra_groups=[] if drop else None,
        )


def find_binaries(wanted: int | None = None) -> Binaries:
    """The newest PostgreSQL with PostGIS, or major version `wanted`.

    Raises InstallationError that names the Debian package to install.
    """
    versions = sorted(
        (
            int(library.parts[-3])
            for library in _PROGRAMS.glob("*/lib/postgis-3.so")
            if (library.parents[1] / "bin" / "initdb").exists()
        ),
        reverse=True,
    )
    if wanted is not None and wanted not in versions:
        raise InstallationError(
            f"This cluster was made by PostgreSQL {wanted}, which is not installed with PostGIS "
            f"(found: {', '.join(map(str, versions)) or 'none'}). Run "
            f"'apt-get install postgresql-{wanted}-postgis-3', or choose another data directory."
        )
    if not versions:
        raise InstallationError(
            "PostgreSQL with PostGIS is not installed. Run 'apt-get install postgresql-15-postgis-3', "
            "or set WANGGE_DATABASE_URL to a server that has PostGIS."
        )
    version = wanted or versions[0]
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Binaries(
        version, _PROGRAMS / str(version) / "bin", account.pw_name, account.pw_uid, account.pw_gid
    )

"""`credentials.txt`: the accounts that the first start made, for the installation's owner only."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADER = """\
# The accounts that Wangge made when it was first started. Keep this file to yourself.
# Each signs in and changes its own password; at the next start its line is dropped from here.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    username: str
    password: str
    role: str


class CredentialsFile:
    """One line an account: username, password and role, separated by tabs."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "credentials.txt"

    def read(self) -> list[Credential]:
        """None of them when the file is gone."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
        return [
            Credential(username=line[0], password=line[1], role=line[2])
            for line in lines
            if len(line) == 3
        ]

    def write(self, credentials: Sequence[Credential]) -> None:
        """All or nothing, and on the disk when it returns. Never readable by anybody else."""
        text = _HEADER + "".join(f"{c.username}\t{c.password}\t{c.role}\n" for c in credentials)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def others_may_read(self) -> bool:
        return self.path.exists() and self.path.stat().st_mode & 0o077 != 0

"""One private PostgreSQL cluster in one directory.

    DIR/pgdata      the cluster itself, made by initdb
    DIR/run         its unix socket; it listens nowhere else
    DIR/server.log  what the server says
    DIR/mutex       held while somebody starts or stops it
    DIR/users       share-locked by every process that uses it; the last one to leave stops it

A process that is killed leaves the server running; the next one finds it, uses it and stops it. A server
that is killed is started again by whoever uses it.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from data.cluster.binaries import Binaries, find_binaries
from data.cluster.configuration import machine_memory_mb, settings
from data.cluster.guard import Guard
from data.cluster.locks import UseCount, exclusive
from data.roles import APPLICATION, TRACKING
from gis.errors import InstallationError

_ROLE = "wangge"
_ROLES = (_ROLE, APPLICATION, TRACKING)  # whom the user of this cluster may sign in as
_SOCKET_PATH_LIMIT = 107  # characters, Linux
_MIN_FREE_BYTES = 300 * 1024 * 1024
_START_TIMEOUT_S = 120


class Cluster:
    """`durable=False` gives up crash safety for speed: for tests only."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.absolute()
        self._durable = durable
        self._pgdata = self.directory / "pgdata"
        self._log = self.directory / "server.log"

    @contextmanager
    def running(self, database: str = "wangge") -> Iterator[str]:
        """Start the server if nobody has, and yield the URL of `database`, created if it is missing.

        Should the server die in the block, it is started again: connections are lost, and what was
        committed is there.

        Raises InstallationError: PostGIS is not installed, the cluster is of a version that is not, the
        directory cannot be used, the disk is full, or the server does not start.
        """
        binaries = find_binaries(self._version())
        self._prepare_directory(binaries)
        with exclusive(self.directory / "mutex"):
            users = UseCount(self.directory / "users")
            try:
                self._start(binaries)
                self.create_database(database)
            except BaseException:
                users.leave()
                raise
        try:
            with Guard(self._pgdata / "postmaster.pid", lambda: self._start_again(binaries)):
                yield self.url(database)
        finally:
            with exclusive(self.directory / "mutex"):
                if users.leave():
                    binaries.run("pg_ctl", "-D", str(self._pgdata), "-m", "fast", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://{_ROLE}@/{database}?host={quote(str(self._socket_dir), safe='')}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create `name` unless it exists; with `template`, as a copy of that one. Returns its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            if (
                conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
                is None
            ):
                conn.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(template or "template0")
                    )
                )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    @property
    def _socket_dir(self) -> Path:
        inside = self.directory / "run"
        if len(str(inside / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT:
            return inside
        name = hashlib.sha256(str(self.directory).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"wangge-{name}"

    def _version(self) -> int | None:
        try:
            return int((self._pgdata / "PG_VERSION").read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError as error:
            raise InstallationError(
                f"{self._pgdata} belongs to another user; start Wangge as the user who made it, or "
                "choose another data directory with --data."
            ) from error

    def _prepare_directory(self, binaries: Binaries) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InstallationError(
                f"The data directory {self.directory} cannot be made: {error.strerror}."
            ) from error
        if os.geteuid() == 0:
            closed = [p for p in self.directory.parents if not p.stat().st_mode & stat.S_IXOTH]
            if closed:
                raise InstallationError(
                    f"PostgreSQL runs as {binaries.user!r} and cannot enter {closed[0]}; choose a data "
                    "directory elsewhere with --data, such as /var/lib/wangge."
                )
        socket_dir = self._socket_dir
        socket_dir.mkdir(mode=0o700, exist_ok=True)
        for path in (self.directory, socket_dir):
            if path.stat().st_uid not in (os.geteuid(), binaries.uid):
                raise InstallationError(f"{path} belongs to another user; remove it or use --data.")
            if os.geteuid() == 0:
                os.chown(path, binaries.uid, binaries.gid)
        free = shutil.disk_usage(self.directory).free
        if free < _MIN_FREE_BYTES:
            raise InstallationError(
                f"The disk of {self.directory} has {free // 2**20} MB free; PostgreSQL needs at least "
                f"{_MIN_FREE_BYTES // 2**20} MB. Free some space or use --data on another disk."
            )

    def _start_again(self, binaries: Binaries) -> None:
        with exclusive(self.directory / "mutex"):
            self._start(binaries)

    def _start(self, binaries: Binaries) -> None:
        if not self._pgdata.exists():
            self._initialise(binaries)
        if binaries.run("pg_ctl", "-D", str(self._pgdata), "status").returncode == 0:
            return
        self._remove_stale_pid_file()
        configuration = settings(
            socket_dir=self._socket_dir, memory_mb=machine_memory_mb(), durable=self._durable
        )
        (self._pgdata / "wangge.conf").write_text(configuration)
        people = dict.fromkeys(["root", binaries.user])
        (self._pgdata / "pg_ident.conf").write_text(
            "".join(f"wangge {person} {role}\n" for person in people for role in _ROLES)
        )
        started = binaries.run(
            *("pg_ctl", "-D", str(self._pgdata), "-l", str(self._log)),
            *("-w", "-t", str(_START_TIMEOUT_S), "start"),
        )
        if started.returncode != 0:
            lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
            reasons = [line for line in lines[-20:] if "FATAL" in line or "PANIC" in line]
            reason = (reasons or lines or started.stdout.splitlines() or ["no reason given"])[-1]
            raise InstallationError(
                f"PostgreSQL does not start: {reason.strip()} (the whole story is in {self._log})"
            )

    def _initialise(self, binaries: Binaries) -> None:
        """initdb into a folder beside it, renamed when whole: an interrupted one leaves nothing."""
        unfinished = self.directory / "pgdata.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        made = binaries.run(
            *("initdb", "-D", str(unfinished), "--username", _ROLE, "--encoding", "UTF8"),
            *("--locale", "C.UTF-8", "--auth-local", "peer", "--auth-host", "reject"),
            *(["--no-sync"] if not self._durable else []),
        )
        if made.returncode != 0:
            raise InstallationError(
                f"PostgreSQL's initdb failed: {made.stdout.strip().splitlines()[-1]}"
            )
        (unfinished / "pg_hba.conf").write_text("local all all peer map=wangge\n")
        with (unfinished / "postgresql.conf").open("a") as file:
            file.write("include = 'wangge.conf'\n")
        unfinished.rename(self._pgdata)

    def _remove_stale_pid_file(self) -> None:
        """After a crash the number in postmaster.pid may belong to some other program by now, which
        PostgreSQL takes for a running server."""
        pid_file = self._pgdata / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
            program = Path(f"/proc/{abs(pid)}/comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            program = ""
        if program not in ("postgres", "postmaster"):
            pid_file.unlink(missing_ok=True)

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from data.cluster import Cluster, binaries
from gis.errors import InstallationError
from tests.running import open_directory, wait_until


@pytest.fixture
def directory() -> Iterator[Path]:
    with open_directory() as parent:
        yield parent / "pg"


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as conn:
            return conn.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def another_process(directory: Path) -> subprocess.Popen[str]:
    """Another process that uses the cluster until its standard input is closed."""
    program = (
        "import sys; from pathlib import Path; from data.cluster import Cluster\n"
        "with Cluster(Path(sys.argv[1]), durable=False).running():\n"
        "    print('running', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "running\n"
    return process


def postmaster_pid(directory: Path) -> int:
    return int((directory / "pgdata" / "postmaster.pid").read_text().split("\n")[0])


def test_a_cluster_keeps_its_data_from_one_start_to_the_next(directory: Path) -> None:
    cluster = Cluster(directory, durable=False)
    with cluster.running() as url, psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert not answers(url)
    with cluster.running() as url, psycopg.connect(url) as conn:
        assert conn.execute("SELECT number FROM kept").fetchone() == (7,)


def test_the_last_of_several_processes_stops_the_server(directory: Path) -> None:
    cluster = Cluster(directory, durable=False)
    with cluster.running() as url:
        other = another_process(directory)
    assert answers(url)  # the other process still uses it
    other.communicate()
    assert other.returncode == 0
    assert not answers(url)


def test_a_server_left_over_by_a_killed_process_is_used_and_then_stopped(directory: Path) -> None:
    killed = another_process(directory)
    server = postmaster_pid(directory)
    killed.kill()
    killed.communicate()
    with Cluster(directory, durable=False).running() as url:
        assert answers(url)
        assert postmaster_pid(directory) == server
    assert not answers(url)


def test_a_server_that_was_killed_recovers(directory: Path) -> None:
    cluster = Cluster(directory)
    with cluster.running() as url:
        with psycopg.connect(url) as conn:
            conn.execute("CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(postmaster_pid(directory), signal.SIGKILL)
    with cluster.running() as url, psycopg.connect(url) as conn:
        assert conn.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_server_that_is_killed_in_use_is_started_again(directory: Path) -> None:
    with Cluster(directory).running() as url:
        with psycopg.connect(url) as conn:
            conn.execute("CREATE TABLE kept AS SELECT 7 AS number")
        killed = postmaster_pid(directory)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: answers(url))
        assert postmaster_pid(directory) != killed
        with psycopg.connect(url) as conn:
            assert conn.execute("SELECT number FROM kept").fetchone() == (7,)
    assert not answers(url)


def test_several_processes_start_a_killed_server_once(directory: Path) -> None:
    with Cluster(directory).running() as url:
        other = another_process(directory)
        killed = postmaster_pid(directory)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: answers(url))
        started = postmaster_pid(directory)
        other.communicate()
        assert other.returncode == 0
        assert answers(url)
        assert postmaster_pid(directory) == started != killed
    assert not answers(url)


def test_a_stale_pid_file_that_names_another_program_is_removed(directory: Path) -> None:
    cluster = Cluster(directory, durable=False)
    with cluster.running():
        pid_file = (directory / "pgdata" / "postmaster.pid").read_text()
    stale = pid_file.replace(pid_file.split("\n")[0], str(os.getpid()), 1)
    (directory / "pgdata" / "postmaster.pid").write_text(stale)
    with cluster.running() as url:
        assert answers(url)


def test_a_cluster_of_another_version_names_the_package_to_install(directory: Path) -> None:
    (directory / "pgdata").mkdir(parents=True)
    (directory / "pgdata" / "PG_VERSION").write_text("13\n")
    with (
        pytest.raises(InstallationError, match="apt-get install postgresql-13-postgis-3"),
        Cluster(directory).running(),
    ):
        pass


def test_without_postgis_the_package_to_install_is_named(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_PROGRAMS", tmp_path)
    with (
        pytest.raises(InstallationError, match="apt-get install postgresql-15-postgis-3"),
        Cluster(directory).running(),
    ):
        pass


def test_a_disk_with_too_little_space_is_said_before_anything_is_written(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.cluster.cluster._MIN_FREE_BYTES", 2**60)
    with pytest.raises(InstallationError, match="Free some space"), Cluster(directory).running():
        pass
    assert not (directory / "pgdata").exists()


def test_a_path_that_runs_through_a_file_is_refused(directory: Path) -> None:
    directory.write_text("a file, not a folder")
    with (
        pytest.raises(InstallationError, match="cannot be made"),
        Cluster(directory / "pg").running(),
    ):
        pass


def test_a_long_path_gets_a_short_socket(directory: Path) -> None:
    long = directory.parent / ("a" * 80) / ("b" * 60)
    with Cluster(long, durable=False).running() as url:
        assert answers(url)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another user")
def test_a_directory_that_postgres_cannot_enter_is_refused_with_a_way_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(InstallationError, match="choose a data directory elsewhere"),
        Cluster(closed / "pg").running(),
    ):
        pass

"""`wangge up --jt808-port`: a terminal is enrolled, located, and known again after a kill."""

import re
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from api.cli.finding import Verdict
from api.cli.terminals import check_terminals
from data.cluster import Cluster
from patrol.devices.jt808.answers import Result
from tests.running import Up, command, open_directory
from tests.terminals import Terminal

UNIT = ("--kind", "vehicle", "--name", "车01", "--role", "patroller", "--always-on-duty")
DEVICE = ("--protocol", "jt808", "--identifier", "13812345678")


def port_of(up: Up) -> int:
    found = re.search(r"JT/T 808 terminals come to 127\.0\.0\.1, port (\d+)", "".join(up.greeting))
    assert found is not None, up.greeting
    return int(found[1])


def run(data: Path, *arguments: str) -> None:
    done = subprocess.run(
        command(*arguments, "--data", data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_terminal_comes_back_with_its_code_after_the_server_was_killed() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with open_directory() as directory:
        data = directory / "data"
        up = Up.start(data, "--jt808-port", 0)
        try:
            run(data, "units", "create", "VH-01", *UNIT)
            run(data, "devices", "enrol", "VH-01", *DEVICE)
            with Terminal(port_of(up), "13812345678") as terminal:
                code = terminal.come_in()
                assert terminal.locate(now) is Result.DONE
                up.kill()
                assert terminal.is_hung_up_on()
            up = Up.start(data, "--jt808-port", 0)
            with Terminal(port_of(up), "13812345678") as terminal:
                assert terminal.authenticate(code) is Result.DONE
                with psycopg.connect(Cluster(data / "postgres").url("wangge")) as conn:
                    assert conn.execute("SELECT at FROM fixes").fetchall() == [(now,)]
                exit_code, complaints = up.stop(signal.SIGTERM)
                assert terminal.is_hung_up_on()
            assert (exit_code, complaints) == (0, "")
        finally:
            if up.process.poll() is None:
                up.kill()


def test_without_a_port_there_is_no_door() -> None:
    verdict, message = check_terminals()
    assert verdict is Verdict.OK
    assert "no port" in message

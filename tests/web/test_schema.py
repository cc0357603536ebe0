import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT

WANGGE = Path(sys.executable).parent / "wangge"


def output_of(*command: str | Path, given: str = "") -> str:
    done = subprocess.run(command, input=given, text=True, check=True, stdout=subprocess.PIPE)
    return done.stdout


def test_the_types_of_the_web_client_are_those_of_the_api() -> None:
    """`make schema` writes them anew."""
    npm = ("npm", "--prefix", PROJECT / "web", "run", "--silent", "schema")
    written = output_of(*npm, given=output_of(WANGGE, "openapi"))
    assert written == (PROJECT / "web" / "src" / "api" / "schema.ts").read_text()

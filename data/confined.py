"""Reading what strangers send in a process of its own.

It has no secret in its environment and an end to its memory and time; when it breaks, the server does
not. Both ends are here: `ask_confined` starts a module as that process, whose main is `answer_confined`.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from gis.errors import InvalidInput, UnreadableFile, WanggeError

_MOST_S = 120

_LIMITS = (
    (resource.RLIMIT_AS, 3 * 2**30),
    (resource.RLIMIT_CPU, 60),
    (resource.RLIMIT_FSIZE, 512 * 2**20),
    (resource.RLIMIT_CORE, 0),
)


def ask_confined(
    module: str,
    request: Mapping[str, Any],
    *,
    advice: str,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the module makes of the request. `advice` says what to do when the process breaks.

    Raises InvalidInput and UnreadableFile, which it raised or which it broke with.
    """
    broken = UnreadableFile(
        f"The files cannot be read: they are broken, or too large to be read here. {advice}"
    )
    with tempfile.TemporaryDirectory(prefix="wangge-reading-") as folder:
        try:
            subprocess.run(
                [sys.executable, "-P", "-m", module, folder],
                check=True,
                input=orjson.dumps(request),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment() | dict(environment or {}),
                timeout=_MOST_S,
            )
            answer = orjson.loads((Path(folder) / "result.json").read_bytes())
        except (subprocess.SubprocessError, OSError, orjson.JSONDecodeError) as error:
            raise broken from error
    match answer:
        case {
            "error": str(message),
            "code": str(code),
            "field": field,
            "unreadable": bool(is_file),
        }:
            kind = UnreadableFile if is_file else InvalidInput
            raise kind(message, code=code, field=None if field is None else str(field))
        case {"answer": dict(found)}:
            return found
    raise broken


def answer_confined(answer: Callable[[Path, dict[str, Any]], dict[str, Any]]) -> None:
    """The main of a module that reads: its request is JSON on standard input, its answer `result.json`
    in the folder that is its only argument."""
    folder = Path(sys.argv[1])
    for limit, most in _LIMITS:
        resource.setrlimit(limit, (most, most))
    request = orjson.loads(sys.stdin.buffer.read())
    try:
        result: dict[str, Any] = {"answer": answer(folder, request)}
    except WanggeError as error:
        result = {
            "error": error.message,
            "code": error.code,
            "field": error.field,
            "unreadable": isinstance(error, UnreadableFile),
        }
    (folder / "result.json").write_bytes(
        orjson.dumps(result, default=str, option=orjson.OPT_SERIALIZE_NUMPY)
    )


def in_their_words(error: WanggeError, path: Path, label: str) -> WanggeError:
    """The same without where the file is on this machine: its sender knows it by another name."""
    message = error.message.replace(str(path), label)
    return type(error)(message, code=error.code, field=error.field)


def _environment() -> dict[str, str]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return environment

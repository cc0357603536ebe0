"""Options that commands share, and the installation they lead to."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from data.installation import Installation
from gis.local_time import LOCAL

LOCAL_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""How a local time is written: `typer.Option(formats=LOCAL_TIMES)`."""

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The installation's data directory [WANGGE_DATA, else the XDG data home].",
        file_okay=False,
        show_default=False,
    ),
]


def find_installation(data: Path | None) -> Installation:
    """The installation named by `--data`, else by `WANGGE_DATA`, else the default one."""
    return Installation() if data is None else Installation(data_dir=data)


def from_local(at: datetime) -> datetime:
    """The instant of a local time."""
    return at.replace(tzinfo=LOCAL)

"""`wangge inspections`: verifying a random inspection from what was made public about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from gis.errors import InvalidInput
from patrol.inspection.verifying import verify_draw

app = typer.Typer(help="Random inspections.", no_args_is_help=True)


@app.command("verify")
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="An inspection as GET /api/v1/inspections/ID gives it.",
            exists=True,
            dir_okay=False,
        ),
    ],
) -> None:
    """Draw again, and compare. Exit code 1 when something does not fit. Needs no installation."""
    try:
        published = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{file} is not JSON; save the answer of the API as it is.") from error
    if not isinstance(published, dict):
        raise InvalidInput(f"{file} holds no inspection; save the answer of the API as it is.")
    drawn = verify_draw(published)
    targets, inspectors = (_names(published, of) for of in ("targets", "inspectors"))
    table = Table("target", "inspectors", box=None, pad_edge=False)
    for one in drawn:
        table.add_row(
            targets.get(one.target, one.target),
            " ".join(inspectors.get(each, each) for each in one.inspectors),
        )
    Console().print(table)
    typer.echo("The draw is as it was published.")


def _names(published: Mapping[str, Any], of: str) -> dict[str, str]:
    """By id. They are for reading only, and a sheet may do without them."""
    listed = (published.get("names") or {}).get(of) or ()
    return {one["id"]: one["name"] for one in listed}

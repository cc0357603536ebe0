"""The root of the command line: its subcommands, its log, and how it reports errors."""

import os
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from api.cli import (
    accounts,
    audit,
    basemap,
    calendar,
    cases,
    categories,
    changes,
    devices,
    doctor,
    grids,
    inspections,
    openapi,
    places,
    reports,
    retention,
    roles,
    seeding,
    simulate,
    staff,
    tokens,
    tracks,
    units,
    up,
)
from api.cli.hints import with_option
from api.cli.logs import configure_logs, debugging, turn_debugging_on
from gis.errors import WanggeError

app = typer.Typer(
    name="wangge",
    help="Wangge 网格: grid management and field patrol.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # `main` reports errors
    rich_markup_mode=None,
)
app.command("up")(up.up)
app.command("simulate")(simulate.simulate)
app.command("openapi")(openapi.print_openapi)
app.command("doctor")(doctor.doctor)
app.command("retention")(retention.retention)
app.add_typer(grids.app, name="grids")
app.add_typer(basemap.app, name="basemap")
app.add_typer(seeding.app, name="layers")
app.add_typer(tracks.app, name="tracks")
app.add_typer(accounts.app, name="accounts")
app.add_typer(tokens.app, name="tokens")
app.add_typer(devices.app, name="devices")
app.add_typer(staff.app, name="staff")
app.add_typer(units.app, name="units")
app.add_typer(roles.app, name="roles")
app.add_typer(inspections.app, name="inspections")
app.add_typer(reports.app, name="reports")
app.add_typer(places.cameras, name="cameras")
app.add_typer(places.facilities, name="facilities")
app.add_typer(places.sensors, name="sensors")
app.add_typer(changes.app, name="changes")
app.add_typer(calendar.app, name="calendar")
app.add_typer(cases.app, name="cases")
app.add_typer(categories.app, name="categories")
app.add_typer(audit.app, name="audit")


@app.callback()
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Log more, and show where an error comes from.")
    ] = False,
) -> None:
    if debug:
        turn_debugging_on()
    configure_logs()


def run() -> None:
    """Run a command. An error is one line on standard error and exit code 1."""
    try:
        app()
    except WanggeError as error:
        _fail(with_option(error.message, error.code))
    except DBAPIError as error:
        _fail(f"The database refuses or does not answer ({type(error.orig).__name__}).")
    except BrokenPipeError:
        # Whoever read our output has enough of it. Python would complain again while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        _fail(f"Unexpected {type(error).__name__}: {error} ('wangge --debug …' shows where)")


def _fail(message: str) -> NoReturn:
    if debugging():
        raise  # noqa: PLE0704  (called from an except block)
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"wangge: {message}", markup=False)
    raise SystemExit(1)

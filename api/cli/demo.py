"""Making the demo town, with its progress on the terminal."""

from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from data.database import Database
from data.demo.loading import DemoTown, create_demo_town

_WORDS = {
    "land": "Drawing the land",
    "map": "Drawing the map",
    "people": "Hiring people",
    "patrols": "Walking a month of patrols",
    "cases": "Working off the cases",
    "done": "The demo town is ready",
}


def make_demo_town(database: Database, console: Console, now: datetime) -> DemoTown:
    """The town, made now unless it is there. Raises Conflict where real grids or units are."""
    columns = (TextColumn("{task.description}…"), BarColumn(), TimeElapsedColumn())
    terminal = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not terminal) as progress:
        task = progress.add_task("Looking for the demo town", total=1.0)

        def show(step: str, share: float) -> None:
            progress.update(task, description=_WORDS[step], completed=share)
            if not terminal and share < 1.0:
                console.print(f"{_WORDS[step]}…")

        return create_demo_town(database, now=now, progress=show)

"""What tracks mean, worked out at once: the worker would let a day rest for a minute first."""

from datetime import UTC, datetime, timedelta

from data.database import Database
from data.editions import GridIndexes
from patrol.tracks.analysis import analyse_changes
from patrol.tracks.grids import VisitedGrids


def work_out(database: Database) -> int:
    """All that is marked. Returns how many days of units that were."""
    return analyse_changes(
        database,
        VisitedGrids(GridIndexes(database)),
        before=datetime.now(UTC) + timedelta(days=1),
    )

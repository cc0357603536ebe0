"""Files of things that stand at a place, and what became of an import of them."""

from data.places.codes import cell_to_code
from data.places.points import (
    POINT_SUFFIXES,
    PlacesFile,
    Problem,
    read_places,
    read_strangers_places,
)
from data.places.report import ImportReport, upsert
from data.places.rows import rows_by_code

__all__ = [
    "POINT_SUFFIXES",
    "ImportReport",
    "PlacesFile",
    "Problem",
    "cell_to_code",
    "read_places",
    "read_strangers_places",
    "rows_by_code",
    "upsert",
]

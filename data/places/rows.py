"""What an import makes of the features of files, before it stores them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from data.files.feature import FileFeature
from data.places.points import PlacesFile, Problem
from data.places.report import ImportReport
from gis.errors import InvalidInput, WanggeError

Row = Mapping[str, Any]


def rows_by_code(
    files: Iterable[PlacesFile],
    read: Callable[[FileFeature], Row],
    report: ImportReport,
    *,
    called: str = "code",
) -> dict[str, Row]:
    """What `read` makes of each feature, by its `code`. What it refuses, and a code that comes again,
    goes into the report; `called` is the column by which that says what it is about."""
    rows: dict[str, Row] = {}
    for file in files:
        report.refused += file.problems
        for feature in file.features:
            try:
                row = read(feature)
                if row["code"] in rows:
                    raise InvalidInput(f"{row[called]} is in the files twice.", field="code")
                rows[row["code"]] = row
            except WanggeError as error:
                report.refused.append(Problem(number=feature.number, message=error.message))
    return rows

"""Reading tables of strangers in a process of their own (`data.confined`)."""

from data.confined import ask_confined
from data.files.ogr import driver_names
from data.files.rows import Row
from data.files.untrusted import StrangersFile


def read_untrusted_rows(file: StrangersFile) -> list[Row]:
    """As `read_rows`. Raises UnreadableFile in the words of the sender's own file name."""
    found = ask_confined(
        "data.files.untrusted_rows_reader",
        {"path": str(file.path), "label": file.label},
        advice="Save the table again as CSV.",
        environment={"OGR_SKIP": ",".join(sorted({*driver_names()} - {"XLSX"}))},
    )
    return list(found["rows"])

"""The process that reads tables of strangers; `data.files.untrusted_rows` starts it."""

from pathlib import Path
from typing import Any

from data.confined import answer_confined, in_their_words
from data.files.rows import read_rows
from gis.errors import UnreadableFile, WanggeError

_MOST_ROWS = 100_000


def _answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    try:
        rows = read_rows(path)
        if len(rows) > _MOST_ROWS:
            raise UnreadableFile(f"{path} has more than {_MOST_ROWS:,} rows; send a part of it.")
    except WanggeError as error:
        raise in_their_words(error, path, request["label"]) from error
    return {"rows": rows}


if __name__ == "__main__":
    answer_confined(_answer)

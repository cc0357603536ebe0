"""The process that reads tracks of strangers; `data.tracks.untrusted` starts it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from data.confined import answer_confined, in_their_words
from data.tracks.gpx import read_gpx
from gis.errors import WanggeError


def _answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    path, label = Path(request["path"]), request["label"]
    now, since = (datetime.fromisoformat(request[name]) for name in ("now", "since"))
    try:
        track = read_gpx(path, now=now, since=since)
    except WanggeError as error:
        raise in_their_words(error, path, label) from error
    return {
        "at_us": track.at.astype(np.int64),
        "lon": track.lon,
        "lat": track.lat,
        "measured": track.measured,  # NaN is null
        "number": track.number,
        "repeats": track.repeats,
        "refused": [[each.number, each.reason] for each in track.refused],
        "part": track.part,
    }


if __name__ == "__main__":
    answer_confined(_answer)

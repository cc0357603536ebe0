"""The process that reads rasters of strangers; `data.rasters.untrusted` starts it."""

from pathlib import Path
from typing import Any

import shapely

from data.confined import answer_confined, in_their_words
from data.rasters.change import find_changes
from gis.errors import WanggeError


def _answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    files = [(Path(path), label) for path, label in (request["before"], request["after"])]
    try:
        spots = find_changes(files[0][0], files[1][0], least_area_m2=request["least_area_m2"])
    except WanggeError as error:
        for path, label in files:
            error = in_their_words(error, path, label)
        raise error from None
    return {
        "spots": [
            {
                "wkb": shapely.to_wkb(spot.geometry, hex=True),
                "area_m2": spot.area_m2,
                "score": spot.score,
            }
            for spot in spots
        ]
    }


if __name__ == "__main__":
    answer_confined(_answer)

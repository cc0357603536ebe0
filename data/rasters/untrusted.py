"""Rasters of strangers, read in a process of their own (`data.confined`)."""

import shapely

from data.confined import ask_confined
from data.files.untrusted import StrangersFile
from data.rasters.change import Spot

RASTERS = frozenset({".tif", ".tiff"})


def find_changes_untrusted(
    before: StrangersFile, after: StrangersFile, *, least_area_m2: float
) -> list[Spot]:
    """As `find_changes`. Raises UnreadableFile in the words of the sender's own file names."""
    found = ask_confined(
        "data.rasters.untrusted_reader",
        {
            "before": [str(before.path), before.label],
            "after": [str(after.path), after.label],
            "least_area_m2": least_area_m2,
        },
        advice="Compare them at the machine with 'wangge changes detect'.",
        environment={
            "GDAL_SKIP": "VRT,WMS,WCS,WMTS,HTTP,PLMOSAIC",
            "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        },
    )
    return [
        Spot(
            geometry=shapely.from_wkb(bytes.fromhex(each["wkb"])),
            area_m2=each["area_m2"],
            score=each["score"],
        )
        for each in found["spots"]
    ]

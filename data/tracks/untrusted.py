"""Reading tracks of strangers in a process of their own (`data.confined`)."""

from datetime import datetime
from pathlib import Path

import numpy as np

from data.confined import ask_confined
from data.tracks.measured import Measured
from data.tracks.track import RefusedPart, Track


def read_untrusted_track(path: Path, *, label: str, now: datetime, since: datetime) -> Track:
    """As `read_gpx`; `label` is what the sender calls the file. Raises UnreadableFile."""
    found = ask_confined(
        "data.tracks.untrusted_reader",
        {"path": str(path), "label": label, "now": now.isoformat(), "since": since.isoformat()},
        advice="Export them again, or import them at the machine with 'wangge tracks import'.",
    )
    return Track(
        at=np.array(found["at_us"], np.int64).view("M8[us]"),
        lon=np.array(found["lon"], np.float64),
        lat=np.array(found["lat"], np.float64),
        measured=np.array(found["measured"], np.float32).reshape(-1, len(Measured._fields)),
        number=np.array(found["number"], np.int32),
        repeats=found["repeats"],
        refused=tuple(
            RefusedPart(number=number, reason=reason) for number, reason in found["refused"]
        ),
        part=found["part"],
    )

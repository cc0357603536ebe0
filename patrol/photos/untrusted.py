"""Photos of strangers, decoded in a process of their own (`data.confined`)."""

from base64 import b64decode
from datetime import datetime
from pathlib import Path

from data.confined import ask_confined
from patrol.photos.exif import Shot
from patrol.photos.image import Picture


def read_untrusted_photo(path: Path) -> Picture:
    """As `patrol.photos.image.read_photo`, of the file at `path`. Raises UnreadableFile."""
    found = ask_confined(
        "patrol.photos.untrusted_reader",
        {"path": str(path)},
        advice="Send the photo in a smaller size.",
    )
    shot = found["shot"]
    taken_at = shot["taken_at"]
    return Picture(
        jpeg=b64decode(found["jpeg"]),
        thumbnail=b64decode(found["thumbnail"]),
        width=found["width"],
        height=found["height"],
        shot=Shot(
            taken_at=None if taken_at is None else datetime.fromisoformat(taken_at),
            position=None if shot["position"] is None else tuple(shot["position"]),
            datum=shot["datum"],
            direction_deg=shot["direction_deg"],
        ),
    )

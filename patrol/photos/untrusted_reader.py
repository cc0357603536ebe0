"""The process that decodes photos of strangers; `patrol.photos.untrusted` starts it."""

from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from typing import Any

from data.confined import answer_confined
from patrol.photos.image import MOST_BYTES, read_photo


def _answer(_folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    with Path(request["path"]).open("rb") as file:
        picture = read_photo(file.read(MOST_BYTES + 1))
    return {
        "jpeg": b64encode(picture.jpeg).decode(),
        "thumbnail": b64encode(picture.thumbnail).decode(),
        "width": picture.width,
        "height": picture.height,
        "shot": asdict(picture.shot),
    }


if __name__ == "__main__":
    answer_confined(_answer)

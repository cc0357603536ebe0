"""XML written piece by piece, for the formats that are XML.

Through lxml, whose `xmlfile` keeps nothing of what it has written. gpxpy, simplekml and fastkml build
the whole document in memory before the first byte, which a town's day is too large for; and GDAL's
drivers write neither the times of a KML track nor who made a file.

The pieces are without a namespace: that of the root, declared as its attribute `xmlns`, is theirs in the
file. lxml would declare it anew in each piece.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lxml import etree

Element = Any
"""lxml's."""


def element(tag: str, *children: Element, text: str | None = None, **attributes: str) -> Element:
    made = etree.Element(tag, attributes)
    made.text = text
    made.extend(children)
    return made


def texts(values: Mapping[str, str]) -> list[Element]:
    """An element for each of the values."""
    return [element(tag, text=plain(text)) for tag, text in values.items()]


def plain(text: str) -> str:
    """Without the characters that XML cannot hold at all."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\u200d")


def instant(at: datetime) -> str:
    """An xsd:dateTime in UTC: 2026-11-20T00:00:00Z."""
    return at.isoformat().replace("+00:00", "Z")

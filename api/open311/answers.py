"""Answers of GeoReport v2: the same as JSON and as XML, by the extension of the address."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import Path
from fastapi.responses import JSONResponse, Response

Entry = Mapping[str, Any]
"""Of texts, numbers, None, and lists of these or of entries."""

# What XML 1.0 cannot hold at all.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Format(StrEnum):
    JSON = "json"
    XML = "xml"

    @classmethod
    def of_path(cls, path: str) -> "Format":
        """By its extension; without one that is known, JSON."""
        return cls.XML if path.endswith(".xml") else cls.JSON


FormatInPath = Annotated[Format, Path(alias="format")]


def listed(
    form: Format, root: str, item: str, entries: Sequence[Entry], *, status: int = 200
) -> Response:
    """A list; in XML an element `root` with an `item` for each."""
    if form is Format.JSON:
        return JSONResponse([*entries], status_code=status)
    element = ElementTree.Element(root)
    for entry in entries:
        _fill(ElementTree.SubElement(element, item), entry)
    return _xml(element, status)


def single(form: Format, root: str, entry: Entry) -> Response:
    if form is Format.JSON:
        return JSONResponse(dict(entry))
    element = ElementTree.Element(root)
    _fill(element, entry)
    return _xml(element, 200)


def _fill(parent: ElementTree.Element, entry: Entry) -> None:
    for name, value in entry.items():
        child = ElementTree.SubElement(parent, name)
        if isinstance(value, list):
            for each in value:
                grandchild = ElementTree.SubElement(child, name.removesuffix("s"))
                if isinstance(each, Mapping):
                    _fill(grandchild, each)
                else:
                    grandchild.text = _text(each)
        elif value is not None:
            child.text = _text(value)


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _NOT_IN_XML.sub("\ufffd", text)


def _xml(element: ElementTree.Element, status: int) -> Response:
    body = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return Response(body, status_code=status, media_type="text/xml; charset=utf-8")

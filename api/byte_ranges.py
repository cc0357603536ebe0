"""A part of a file, as browsers ask for it (RFC 9110, 14)."""

import re

from fastapi import Response

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def part_of(response: Response, header: str, if_range: str = "") -> Response:
    """The whole answer, or the part of it that `header` (of Range) names; 416 for one that lies behind
    its end. Of several ranges, of other units, and where `if_range` names another ETag than the answer
    has, it is the whole one, as a server may."""
    content = bytes(response.body)
    response.headers["Accept-Ranges"] = "bytes"
    if if_range and if_range != response.headers.get("etag"):
        return response
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return response
    first, last = found.groups()
    size = len(content)
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < int(first):
        return response
    if begin >= size:
        response.status_code = 416
        response.body = b""
        response.headers["Content-Range"] = f"bytes */{size}"
    else:
        response.status_code = 206
        response.body = content[begin : end + 1]
        response.headers["Content-Range"] = f"bytes {begin}-{end}/{size}"
    response.headers["Content-Length"] = str(len(response.body))
    return response

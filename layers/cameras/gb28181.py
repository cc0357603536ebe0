"""National codes of cameras."""

import re

from data.places import cell_to_code
from gis.errors import InvalidInput

_CAMERA_TYPES = ("131", "132")
_PROVINCES = frozenset(
    {*range(11, 16), 21, 22, 23, *range(31, 38), *range(41, 47), *range(50, 55)}
    | {61, 62, 63, 64, 65, 71, 81, 82}
)


def read_camera_code(text: object) -> str:
    """The 20 digits of a camera's code by GB/T 28181-2016, annex D: 8 of the centre (by GB/T 2260), 2 of
    the industry, 3 of the type (131 camera, 132 network camera), 1 of the network, 6 of the number.

    Raises InvalidInput.
    """
    code = cell_to_code(text)
    if re.search(r"[eE]\+", code):
        raise InvalidInput(
            f"{text} is a code after a spreadsheet shortened it; make the column text.",
            field="code",
        )
    if not re.fullmatch(r"[0-9]{20}", code):
        raise InvalidInput(
            f"{code[:40]!r} is no camera code: GB/T 28181 has 20 digits.", field="code"
        )
    if int(code[:2]) not in _PROVINCES:
        raise InvalidInput(
            f"{code} begins with no province ({code[:2]}); its first 6 digits are a division code.",
            field="code",
        )
    if code[10:13] not in _CAMERA_TYPES:
        raise InvalidInput(
            f"{code} is not a camera's: digits 11 to 13 are {code[10:13]}, and a camera's are 131 or "
            "132.",
            field="code",
        )
    return code

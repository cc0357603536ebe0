"""Codes of things in files."""

import unicodedata


def cell_to_code(value: object) -> str:
    """The code that a cell means: without white space around it, full-width characters as usual ones,
    and a whole number that a spreadsheet made a decimal one as it was. Nothing is an empty text."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()

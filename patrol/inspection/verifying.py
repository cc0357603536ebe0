"""Verifying a draw from what was made public about it, with no database at hand."""

from collections.abc import Mapping
from typing import Any

from gis.errors import InvalidInput
from patrol.inspection.lottery import Assignment, Terms, commitment_to, draw


def verify_draw(published: Mapping[str, Any]) -> tuple[Assignment, ...]:
    """Draw again from an inspection as `GET /api/v1/inspections/{id}` gives it, and give the result.

    Raises InvalidInput that says what does not fit: the digest of the lists, the secret and the
    commitment to it, or the result.
    """
    terms = Terms.from_json(published.get("terms"))
    secret, public = published.get("secret"), published.get("public_number")
    if not isinstance(secret, str) or not isinstance(public, str):
        raise InvalidInput(
            "This inspection has not been drawn yet: its secret and public number are not there.",
            field="secret",
        )
    if terms.digest != published.get("digest"):
        raise InvalidInput(
            f"The lists have the digest {terms.digest}, and {published.get('digest')} was published.",
            field="digest",
        )
    if commitment_to(secret) != published.get("commitment"):
        raise InvalidInput(
            "The secret is not the one that the server committed to before the draw.",
            field="commitment",
        )
    drawn = draw(terms, secret=secret, public=public)
    expected = [{"target": one.target, "inspectors": [*one.inspectors]} for one in drawn]
    if expected != published.get("assignments"):
        raise InvalidInput(
            "The lots say something else than what was published.", field="assignments"
        )
    return drawn

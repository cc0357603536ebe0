"""Another edition of the grids: what it would change in the field, and putting it in force."""

from patrol.redivision.activation import PutInForce, put_in_force
from patrol.redivision.due import DueEditions
from patrol.redivision.effects import Effects, Transfer, effects_of

__all__ = [
    "DueEditions",
    "Effects",
    "PutInForce",
    "Transfer",
    "effects_of",
    "put_in_force",
]

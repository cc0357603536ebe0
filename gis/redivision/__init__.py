"""Re-dividing grids: operations that keep the topology, what they change, and two divisions compared.

Neighbours share the very same vertices before and after: a new node on a border is put into every grid
that has this border, a parent's outline is what its children add up to, and what an operation leaves is
tested before it counts.
"""

from gis.redivision.closing import MOST_M, NARROW_M, Closed, Repair, close_slivers
from gis.redivision.comparison import Comparison, Link, Moved, Relation, compare
from gis.redivision.operations import (
    KINDS,
    ChangeParent,
    Merge,
    MoveBorder,
    Operation,
    Rename,
    Snap,
    Split,
    perform,
)
from gis.redivision.rechecking import Recheck, recheck
from gis.redivision.sheet import Change, Sheet

__all__ = [
    "KINDS",
    "MOST_M",
    "NARROW_M",
    "Change",
    "ChangeParent",
    "Closed",
    "Comparison",
    "Link",
    "Merge",
    "MoveBorder",
    "Moved",
    "Operation",
    "Recheck",
    "Relation",
    "Rename",
    "Repair",
    "Sheet",
    "Snap",
    "Split",
    "close_slivers",
    "compare",
    "perform",
    "recheck",
]

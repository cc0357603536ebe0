"""What a check of an edition's topology finds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shapely.geometry.base import BaseGeometry

from gis.geojson import feature, feature_collection


class FindingKind(StrEnum):
    """What can be wrong, the worst first."""

    DUPLICATE_CODE = "duplicate_code"
    """A code that occurs more than once."""
    MISSING_PARENT = "missing_parent"
    """A grid below level 1 without a parent, or with one that is not in the edition."""
    WRONG_PARENT = "wrong_parent"
    """A grid whose parent is not one level up."""
    INVALID_GEOMETRY = "invalid_geometry"
    """Rings that cross, or have no area. Checked further as `repair` leaves it."""
    OVERLAP = "overlap"
    """Two grids of a level that share area."""
    GAP = "gap"
    """A hole between siblings that belongs to none of them."""
    UNCOVERED_PARENT = "uncovered_parent"
    """Area along a parent's outline that its children do not reach."""
    OUTSIDE_PARENT = "outside_parent"
    """Area of a child beyond its parent's outline."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong: the grids concerned, and the place where it shows (EPSG:4326).

    `area_m2` is on the ground; `width_m` is the diameter of the largest circle that has room in it.
    """

    kind: FindingKind
    codes: tuple[str, ...]
    message: str
    area_m2: float | None = None
    width_m: float | None = None
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The findings of one check, in an order that depends on the grids only."""

    findings: tuple[Finding, ...]
    tolerance_m2: float

    @property
    def ok(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings

    @property
    def counts(self) -> Mapping[FindingKind, int]:
        """How many findings there are of each kind that occurs, the worst first."""
        counts = Counter(finding.kind for finding in self.findings)
        return {kind: counts[kind] for kind in FindingKind if counts[kind]}

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """Return the findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind is kind)

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection with one feature a finding; some have no geometry."""
        features = (
            feature(
                finding.geometry,
                {
                    "kind": finding.kind.value,
                    "codes": list(finding.codes),
                    "area_m2": None if finding.area_m2 is None else round(finding.area_m2, 2),
                    "width_m": None if finding.width_m is None else round(finding.width_m, 2),
                    "message": finding.message,
                },
                id=number,
            )
            for number, finding in enumerate(self.findings, start=1)
        )
        return feature_collection(features, tolerance_m2=self.tolerance_m2)

"""The topology checked again only where a change was made."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gis.grid import Grid
from gis.redivision.sheet import Change, same_area
from gis.topology import Finding, FindingKind, Report, check

_OF_PAIRS = frozenset({FindingKind.OVERLAP, FindingKind.INVALID_GEOMETRY})
_OF_FAMILIES = frozenset(
    {FindingKind.GAP, FindingKind.UNCOVERED_PARENT, FindingKind.OUTSIDE_PARENT}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recheck:
    """What a change makes of the findings of a division: those `found` now, in the place of those that
    `replaces` says."""

    found: Sequence[Finding]
    touched: frozenset[str]
    parents: frozenset[str]
    members: frozenset[str]

    def replaces(self, kind: str, codes: Sequence[str]) -> bool:
        """Whether a finding from before the change has been looked at again."""
        match FindingKind(kind):
            case FindingKind.OVERLAP | FindingKind.INVALID_GEOMETRY:
                return not self.touched.isdisjoint(codes)
            case FindingKind.GAP:
                return not self.members.isdisjoint(codes)
            case FindingKind.UNCOVERED_PARENT:
                return codes[0] in self.parents
            case FindingKind.OUTSIDE_PARENT:
                return codes[1] in self.parents
        return False

    def merged(self, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """GeoJSON features, as `Report.to_geojson` gives them, with what is found now in its place."""
        kept = [
            dict(each)
            for each in findings
            if not self.replaces(each["properties"]["kind"], each["properties"]["codes"])
        ]
        new = Report(findings=tuple(self.found), tolerance_m2=1.0).to_geojson()["features"]
        order = {kind.value: place for place, kind in enumerate(FindingKind)}

        def place(each: Mapping[str, Any]) -> tuple[int, list[str], float]:
            properties = each["properties"]
            area = properties["area_m2"] or 0.0
            return order[properties["kind"]], properties["codes"], -area

        merged = sorted([*kept, *new], key=place)
        return [{**each, "id": number} for number, each in enumerate(merged, start=1)]


def recheck(change: Change, before: Iterable[Grid], after: Iterable[Grid]) -> Recheck:
    """What `gis.topology.check` has to say that a change could have made different. `before` and `after`
    hold the changed grids, their parents with all children, and whatever is beside the changed ones."""
    change = _what_matters(change)
    touched = frozenset(grid.code for grid in (*change.before, *change.after))
    families: set[tuple[int, str | None]] = {
        (grid.level, grid.parent_code) for grid in (*change.before, *change.after)
    }
    now = list(after)
    by_code = {grid.code: grid for grid in now}
    had_children = {grid.parent_code for grid in before} | {grid.parent_code for grid in now}
    families |= {
        (grid.level + 1, grid.code)
        for grid in (*change.before, *change.after)
        if grid.code in had_children
    }
    found: list[Finding] = list(_pairs(change, now, touched))
    members: set[str] = {grid.code for grid in before if (grid.level, grid.parent_code) in families}
    for level, parent_code in sorted(families, key=str):
        children = [g for g in now if (g.level, g.parent_code) == (level, parent_code)]
        members |= {child.code for child in children}
        parent = by_code.get(parent_code or "")
        found += _of_kinds(check([*([parent] if parent else []), *children]), _OF_FAMILIES)
    return Recheck(
        found=found,
        touched=touched,
        parents=frozenset(code for _, code in families if code is not None),
        members=frozenset(members),
    )


def _what_matters(change: Change) -> Change:
    """Without the grids that got a node on their border and are otherwise what they were."""
    was = {grid.code: grid for grid in change.before}
    same = {
        grid.code
        for grid in change.after
        if (old := was.get(grid.code)) is not None
        and replace(grid, geometry=old.geometry) == old
        and same_area(grid.geometry, old.geometry)
    }
    return Change(
        before=tuple(grid for grid in change.before if grid.code not in same),
        after=tuple(grid for grid in change.after if grid.code not in same),
    )


def _pairs(change: Change, now: Sequence[Grid], touched: frozenset[str]) -> Iterable[Finding]:
    for level in sorted({grid.level for grid in change.after}):
        changed = [grid for grid in change.after if grid.level == level]
        beside = [
            grid
            for grid in now
            if grid.level == level
            and grid.code not in touched
            and any(grid.geometry.intersects(each.geometry) for each in changed)
        ]
        for finding in _of_kinds(check([*changed, *beside]), _OF_PAIRS):
            if not touched.isdisjoint(finding.codes):
                yield finding


def _of_kinds(report: Report, kinds: Collection[FindingKind]) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind in kinds]

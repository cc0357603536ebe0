/** Grids by the time since somebody was there last. Pure. */
import type { GridCoverage } from "@/api";
import type { SinceClass } from "@/map/palette";

const HOUR_S = 3600;
const LIMITS: readonly [SinceClass, number][] = [
  ["h4", 4 * HOUR_S],
  ["h12", 12 * HOUR_S],
  ["h24", 24 * HOUR_S],
  ["h72", 72 * HOUR_S],
];

/** Of `since_s`, null where no visit is known. */
export function sinceClassOf(since_s: number | null): SinceClass {
  if (since_s === null) return "never";
  return LIMITS.find(([, limit_s]) => since_s < limit_s)?.[0] ?? "longer";
}

/** Those that nobody visited longest come first, and before them those that nobody is known to have visited. */
export function longestFirst(grids: readonly GridCoverage[]): GridCoverage[] {
  const since = (one: GridCoverage): number => one.since_last_s ?? Infinity;
  return [...grids].sort((a, b) => (since(a) === since(b) ? a.grid.code.localeCompare(b.grid.code) : since(b) - since(a)));
}

export function countsOf(grids: readonly GridCoverage[]): ReadonlyMap<SinceClass, number> {
  const counts = new Map<SinceClass, number>();
  for (const { since_last_s } of grids) {
    const found = sinceClassOf(since_last_s);
    counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return counts;
}

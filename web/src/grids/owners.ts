/** Which grids lack an owner. Pure. */
import type { GridOwners, GridOwnership } from "@/api";

export type OwnerFilter = "all" | "ownerless" | "ending";

const WITHOUT: ReadonlySet<GridOwnership["staffing"]> = new Set(["vacant", "on_leave"]);

export function isOwnerless(one: GridOwnership | undefined): boolean {
  return one !== undefined && WITHOUT.has(one.staffing);
}

/** The codes of the grids that a filter is about; undefined: of all. */
export function codesFor(filter: OwnerFilter, owners: GridOwners | null): ReadonlySet<string> | undefined {
  if (filter === "all" || !owners) return undefined;
  const meant = owners.items.filter((one) => (filter === "ending" ? one.staffing === "ending" : isOwnerless(one)));
  return new Set(meant.map((one) => one.grid.code));
}

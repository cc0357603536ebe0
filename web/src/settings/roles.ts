/** The roles, in the order of lists, and what goes with each. Pure. */
import type { AccountRole, StaffRole } from "@/api";

/** A device's account comes with the device. */
export const ACCOUNT_ROLES = [
  "admin",
  "dispatcher",
  "grid_chief",
  "grid_worker",
  "inspector",
  "liaison",
  "patroller",
  "enforcement_officer",
  "department_handler",
  "analyst",
  "auditor",
  "gateway",
  "sensor_gateway",
] as const satisfies readonly AccountRole[];

export const STAFF_ROLES = [
  "dispatcher",
  "grid_chief",
  "grid_worker",
  "inspector",
  "liaison",
  "patroller",
  "enforcement_officer",
  "department_handler",
] as const satisfies readonly StaffRole[];

const EVERYWHERE: readonly string[] = ["admin", "dispatcher", "analyst", "auditor", "gateway", "sensor_gateway"];

/** Whether a grid says something about an account of the role: the others work for everything. */
export function hasGrid(role: string): boolean {
  return !EVERYWHERE.includes(role);
}

/** The codes of the grids that an account works in, by its posts and its own grid; null is everything. */
export function gridsOf(
  account: { role: string; grid: string | null },
  posts: readonly { role: string; grid: string | null }[],
): string[] | null {
  // A post without a grid is everything for a dispatcher, and adds nothing for others.
  if (!hasGrid(account.role) || posts.some((post) => !post.grid && !hasGrid(post.role))) return null;
  const codes = [account.grid, ...posts.map((post) => post.grid)].filter((code) => code !== null);
  return [...new Set(codes)];
}

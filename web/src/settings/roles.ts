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

const EVERYWHERE: readonly string[] = ["admin", "dispatcher", "analyst", "auditor", "gateway"];

/** Whether a grid says something about an account of the role: the others work for everything. */
export function hasGrid(role: string): boolean {
  return !EVERYWHERE.includes(role);
}

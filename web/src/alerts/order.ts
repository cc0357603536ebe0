/** Which alert comes first. Pure. */
import type { Alert } from "@/api";

export function isCall(alert: Alert): boolean {
  return alert.kind === "sos";
}

export function isUnheard(alert: Alert): boolean {
  return alert.acknowledged === null;
}

/** Calls that nobody has heard, what else nobody has heard, and the rest; in each the latest first. */
export function loudestFirst(a: Alert, b: Alert): number {
  return rank(a) - rank(b) || b.begun_at.localeCompare(a.begun_at) || b.id - a.id;
}

function rank(alert: Alert): number {
  if (!isUnheard(alert)) return 3;
  if (isCall(alert)) return 0;
  return alert.late ? 2 : 1;
}

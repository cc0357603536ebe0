/** Leave of staff: when it is, and what may be done about it. Pure. */
import type { Leave } from "@/api";

export const LEAVE_KINDS = ["annual", "sick", "personal", "other"] as const satisfies readonly Leave["kind"][];

export type LeaveStanding = "cancelled" | "coming" | "now" | "over";

export function standingOf(leave: Pick<Leave, "from" | "to" | "cancelled_at">, now_ms: number): LeaveStanding {
  if (leave.cancelled_at !== null) return "cancelled";
  if (Date.parse(leave.from) > now_ms) return "coming";
  return leave.to !== null && Date.parse(leave.to) <= now_ms ? "over" : "now";
}

/** From the beginning of the first day, or now where that is today, to the end of the last; yyyy-mm-dd, local. */
export function spanOf(first: string, last: string, now_ms: number): { from: string; to: string | null } {
  const from = Math.max(new Date(`${first}T00:00:00`).getTime(), now_ms);
  const end = new Date(`${last}T00:00:00`);
  if (last) end.setDate(end.getDate() + 1);
  return { from: new Date(from).toISOString(), to: last ? end.toISOString() : null };
}

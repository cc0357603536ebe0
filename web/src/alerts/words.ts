/** What an alert says: the key of its text and what that names. Pure. */
import type { Alert } from "@/api";

/** of the checkpoints that nobody reached */
const MOST_NAMED = 3;

export interface Said {
  key: string;
  values: Record<string, string | number>;
}

/** Who says what a list of names is called in the viewer's language. */
export type Listed = (names: readonly string[], rest: number) => string;

export function saidBy(alert: Alert, listed: Listed): Said {
  if (!alert.plan) {
    return {
      key: `alert.${alert.kind}`,
      values: {
        name: alert.name ?? "",
        area: alert.area?.name ?? "",
        battery: Math.round(alert.battery_pct ?? 0),
      },
    };
  }
  const { name, covered, in_order, missed } = alert.plan;
  const values = { plan: name, reached: covered.reached, required: covered.required };
  if (missed.length > 0) {
    const places = listed(missed.slice(0, MOST_NAMED), Math.max(missed.length - MOST_NAMED, 0));
    return { key: "alert.missed_checkpoint", values: { ...values, places } };
  }
  return { key: in_order === false ? "alert.out_of_order" : "alert.not_patrolled", values };
}

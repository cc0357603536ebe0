/** What an action takes beside its note. Pure. */
import type { Case, CaseAction, CaseOrder, LonLat } from "@/api";

export interface Wanted {
  staff: number | null;
  force: boolean;
  /** yyyy-mm-dd */
  until: string;
  into: number | null;
  category: string;
  place: LonLat | null;
  rating: NonNullable<Case["rating"]> | "";
}

export const RATINGS = ["satisfied", "neutral", "dissatisfied"] as const;

export function nothingWanted(): Wanted {
  return { staff: null, force: false, until: "", into: null, category: "", place: null, rating: "" };
}

type Field = keyof Wanted;
const TAKES: Partial<Record<CaseAction, readonly Field[]>> = {
  pre_check: ["staff"],
  dispatch: ["staff", "force"],
  deescalate: ["staff"],
  correct: ["category", "place"],
  merge: ["into"],
  ask_hold: ["until"],
  rate: ["rating"],
  close: ["rating"],
};
/** What is left open elsewhere decides the rule, or nobody. */
const NEEDS: Partial<Record<CaseAction, Field>> = { merge: "into", ask_hold: "until", rate: "rating" };

export function takes(action: CaseAction, field: Field): boolean {
  return TAKES[action]?.includes(field) ?? false;
}

/** What the action needs and has not been given. */
export function missing(action: CaseAction, wanted: Wanted): Field | null {
  if (action === "correct") return wanted.category || wanted.place ? null : "place";
  const field = NEEDS[action];
  return field && !wanted[field] ? field : null;
}

/** Only what the action takes, and was given. A hold ends when its last day does. */
export function orderOf(action: CaseAction, wanted: Wanted): Partial<CaseOrder> {
  const { staff, force, until, into, category, place, rating } = wanted;
  return {
    ...(takes(action, "staff") && staff !== null && !force ? { staff } : {}),
    ...(takes(action, "force") && force ? { force } : {}),
    ...(takes(action, "until") && until ? { until: new Date(`${until}T23:59:59`).toISOString() } : {}),
    ...(takes(action, "into") && into !== null ? { into } : {}),
    ...(takes(action, "category") && category ? { category } : {}),
    ...(takes(action, "place") && place ? { lon: place[0], lat: place[1] } : {}),
    ...(takes(action, "rating") && rating ? { rating } : {}),
  };
}

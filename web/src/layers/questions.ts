/** What a layer that is worked out is asked: what is counted, and over how many days. Pure. */
import type { CatalogLayer } from "@/api";
import { dayOf, spanOfDay, stepDay } from "@/replay/day";

/** So many days, today among them; null: what holds now (where people were: today). */
export const PERIODS = [null, 7, 30] as const;

export interface Question {
  /** a layer, or "time" for the time that people spent somewhere */
  of: string | null;
  days: (typeof PERIODS)[number];
}

/** Where people were: named like a layer, and none. */
export const TIME = "time";

/** Of the layers that the viewer may look at, those whose features can be counted. */
export function countable(asked: CatalogLayer, layers: readonly CatalogLayer[], mayReadTracks: boolean): string[] {
  if (!("of" in asked.choices)) return [];
  const points = layers.filter(({ geometry, source, tiles }) => geometry === "point" && source !== "computed" && tiles).map(({ id }) => id);
  // What happens most is asked most.
  const sorted = [...points].sort((a, b) => Number(b === "cases") - Number(a === "cases"));
  return asked.id === "density" && mayReadTracks ? [...sorted, TIME] : sorted;
}

/** As parameters of an address; from midnight to midnight, so that every tile of a day asks the same. */
export function paramsOf({ of, days }: Question, now_ms: number): string {
  const params = new URLSearchParams();
  if (of) params.set("of", of);
  if (days) {
    const today = dayOf(now_ms);
    const from = new Date(spanOfDay(stepDay(today, 1 - days)).from);
    const to = new Date(spanOfDay(today).to);
    params.set("datetime", `${from.toISOString()}/${to.toISOString()}`);
  }
  return params.toString();
}

/** Periods that figures are asked for. Days are those of China, wherever the page is looked at. Pure. */
import type { Period } from "@/api";

export const PERIODS = ["today", "week", "month", "quarter", "year", "own"] as const;
export type PeriodName = (typeof PERIODS)[number];

export interface Chosen {
  name: PeriodName;
  /** how many periods ago */
  back: number;
  /** yyyy-mm-dd, of one's own: the first and the last day */
  from: string;
  to: string;
}

const AHEAD_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** Midnight in China at the beginning of a day, whose month and number may lie beyond the year or the month. */
function midnight(year: number, month: number, day: number): Date {
  return new Date(Date.UTC(year, month, day) - AHEAD_MS);
}

/** yyyy-mm-dd in China. */
export function dayInChina(at: Date): string {
  return new Date(at.getTime() + AHEAD_MS).toISOString().slice(0, 10);
}

/** `to` is not included. Of days that cannot be read, or the wrong way round, nothing. */
export function periodOf({ name, back, from, to }: Chosen, now_ms: number): Period | null {
  if (name === "own") {
    const [first, last] = [Date.parse(`${from}T00:00:00+08:00`), Date.parse(`${to}T00:00:00+08:00`)];
    return first <= last ? { from: new Date(first), to: new Date(last + DAY_MS) } : null;
  }
  const now = new Date(now_ms + AHEAD_MS);
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const monday = day - ((now.getUTCDay() + 6) % 7);
  const begin = (ago: number): Date => {
    if (name === "today") return midnight(year, month, day - ago);
    if (name === "week") return midnight(year, month, monday - 7 * ago);
    if (name === "month") return midnight(year, month - ago, 1);
    if (name === "quarter") return midnight(year, month - (month % 3) - 3 * ago, 1);
    return midnight(year - ago, 0, 1);
  };
  return { from: begin(back), to: begin(back - 1) };
}

/** The first and the last day; yyyy-mm-dd. */
export function daysOf({ from, to }: Period): [first: string, last: string] {
  return [dayInChina(from), dayInChina(new Date(to.getTime() - 1))];
}

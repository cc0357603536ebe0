/** A passage or a visit in words of time. Pure: the present and the language come in. */
import { formatClock, formatMoment, type Language } from "@/i18n/format";

const MINUTE_MS = 60_000;

/** Instants in ISO 8601. */
export interface Stay {
  from: string;
  to: string;
}

/** "10:03 – 10:07", "10:03" within one minute, and with the date when that is another than today's. */
export function timesOf(stay: Stay, now_ms: number, language: Language): string {
  const [from_ms, to_ms] = [Date.parse(stay.from), Date.parse(stay.to)];
  const begin = formatMoment(from_ms, now_ms, language);
  // What ends at midnight belongs to the day before.
  const isOneDay = new Date(from_ms).toDateString() === new Date(Math.max(from_ms, to_ms - 1)).toDateString();
  if (!isOneDay) return `${begin} – ${formatMoment(to_ms, now_ms, language)}`;
  const end = formatClock(to_ms);
  if (formatClock(from_ms) === end && to_ms - from_ms < MINUTE_MS) return begin;
  return `${begin} – ${end === "00:00" ? "24:00" : end}`;
}

export function durationOf_s(stay: Stay): number {
  return (Date.parse(stay.to) - Date.parse(stay.from)) / 1000;
}

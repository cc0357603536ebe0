/** A passage or a visit in words of time. Pure: the present and the language come in. */
import { formatClock, formatMoment, type Language } from "@/i18n/format";

/** Instants in ISO 8601. */
export interface Stay {
  from: string;
  to: string;
}

/** "10:03 – 10:07", "10:03" within one minute, and with the date when that is another than today's. */
export function timesOf(stay: Stay, now_ms: number, language: Language): string {
  const [from_ms, to_ms] = [Date.parse(stay.from), Date.parse(stay.to)];
  const begin = formatMoment(from_ms, now_ms, language);
  const isOneDay = new Date(from_ms).toDateString() === new Date(to_ms).toDateString();
  if (isOneDay && formatClock(from_ms) === formatClock(to_ms)) return begin;
  return `${begin} – ${isOneDay ? formatClock(to_ms) : formatMoment(to_ms, now_ms, language)}`;
}

export function durationOf_s(stay: Stay): number {
  return (Date.parse(stay.to) - Date.parse(stay.from)) / 1000;
}

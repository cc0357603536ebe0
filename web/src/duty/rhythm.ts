/** How often a plan asks for a round, in words, and how far ahead its next one may be. Pure. */
import type { Rhythm } from "@/api";

export interface Clocks {
  from: string;
  to: string;
}

type Say = (key: string, values?: Record<string, string | number>) => string;

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** "22:00 – 次日 06:00", in one line; the end of a day is 24:00. */
export function clocksText({ from, to }: Clocks, t: Say): string {
  const end = to === "00:00" ? "24:00" : to;
  const text = end > from ? `${from} – ${end}` : t("duty.overnight", { from, to });
  return text.replaceAll(" ", "\u00a0");
}

/** [1, 2, 3, 4, 5, 7] as [[1, 5], [7, 7]]. */
function runsOf(days: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run && run[1] === day - 1) run[1] = day;
    else runs.push([day, day]);
  }
  return runs;
}

function weekdaysText(days: readonly number[], t: Say): string {
  if (days.length === 7) return t("duty.daily");
  const word = (day: number): string => t(`duty.weekday.${day}`);
  const runs = runsOf(days).flatMap(([first, last]) => {
    if (first === last) return [word(first)];
    // Two days are named; of more the first and the last.
    return last === first + 1 ? [word(first), word(last)] : [t("duty.weekdaysTo", { first: word(first), last: word(last) })];
  });
  return runs.join(t("duty.comma"));
}

export function rhythmText({ every_h, weekdays, windows }: Rhythm, t: Say): string {
  if (every_h) return every_h % 24 === 0 ? everyDays(every_h / 24, t) : t("duty.everyHours", { hours: every_h });
  const clocks = (windows ?? []).map((window) => clocksText(window, t)).join(t("duty.comma"));
  return `${weekdaysText(weekdays ?? [], t)} ${clocks}`;
}

function everyDays(days: number, t: Say): string {
  return days === 1 ? t("duty.everyDay") : t("duty.everyDays", { days });
}

/** Within this time from now a plan that goes on begins another round. */
export function longestWait_ms({ every_h }: Rhythm): number {
  return every_h ? every_h * HOUR_MS : WEEK_MS;
}

/** What a layer that is worked out is asked: what is counted, over how many days, and how it went on. Pure. */
import type { CatalogLayer, Period } from "@/api";
import { dayOf, spanOfDay, stepDay } from "@/replay/day";

/** So many days, today among them; null: what holds now (where people were: today). */
export const PERIODS = [null, 7, 30, 90] as const;
/** Tracks are looked at for a month at most. */
const MOST_DAYS_OF_TRACKS = 31;

/** Into so many equal parts a period is divided, to see what is new in it, stays or fades; 1 is not at all. */
export const WINDOWS = [1, 4, 6, 12] as const;
/** Where none is chosen and there is to be something to divide. */
const DAYS_TO_DIVIDE = 30;
const DAY_MS = 24 * 3_600_000;

export interface Question {
  /** a layer, or "time" for the time that people spent somewhere */
  of: string | null;
  days: (typeof PERIODS)[number];
  /** in place of the days: a period that figures or a report are of */
  span?: Period;
  /** parts of it; without a time, or where it is missing, 1 */
  windows?: (typeof WINDOWS)[number];
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

export function periodsFor(isOfTracks: boolean): Question["days"][] {
  return PERIODS.filter((days) => !isOfTracks || (days ?? 1) <= MOST_DAYS_OF_TRACKS);
}

/** How long a time is asked about, or would be if it were divided. */
function daysIn({ days, span }: Question): number {
  return span ? (span.to.getTime() - span.from.getTime()) / DAY_MS : (days ?? DAYS_TO_DIVIDE);
}

/** Of a window of hours there would be nothing to say. */
export function windowsFor(question: Question): (typeof WINDOWS)[number][] {
  return WINDOWS.filter((windows) => windows <= daysIn(question));
}

export function windowsOf(question: Question): (typeof WINDOWS)[number] {
  return question.span || question.days ? (question.windows ?? 1) : 1;
}

/** How long a window is, in days with one decimal. */
export function daysOfWindow(question: Question, windows: number): number {
  return Math.round((daysIn(question) / windows) * 10) / 10;
}

/** Only a time can be divided: without one it is the last 30 days. */
export function divided(question: Question, windows: (typeof WINDOWS)[number]): Question {
  return windows === 1 || question.span ? { ...question, windows } : { ...question, windows, days: question.days ?? DAYS_TO_DIVIDE };
}

/** So many days in place of what was asked; what is not divided any more, or into less than days, is not. */
export function ofDays({ of, windows }: Question, days: Question["days"]): Question {
  const asked: Question = { of, days };
  return days && windows && windowsFor(asked).includes(windows) ? { ...asked, windows } : asked;
}

/** As parameters of an address; from midnight to midnight, so that every tile of a day asks the same. */
export function paramsOf(question: Question, now_ms: number): string {
  const { of, days, span } = question;
  const params = new URLSearchParams();
  if (of) params.set("of", of);
  if (span) params.set("datetime", `${span.from.toISOString()}/${span.to.toISOString()}`);
  else if (days) {
    const today = dayOf(now_ms);
    const from = new Date(spanOfDay(stepDay(today, 1 - days)).from);
    const to = new Date(spanOfDay(today).to);
    params.set("datetime", `${from.toISOString()}/${to.toISOString()}`);
  }
  if (windowsOf(question) > 1) params.set("windows", String(windowsOf(question)));
  return params.toString();
}

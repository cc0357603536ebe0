/** A year as twelve months of weeks, each day as the calendar has it. Pure. */
import type { CalendarDay } from "@/api";

export interface DayCell {
  /** yyyy-mm-dd */
  date: string;
  number: number;
  isWorking: boolean;
  /** what makes it other than its weekday is */
  special: CalendarDay | null;
}

/** Weeks begin on Monday; null is a day of another month. */
export type Week = (DayCell | null)[];

export function monthsOf(year: number, days: readonly CalendarDay[]): Week[][] {
  const special = new Map(days.map((day) => [day.date, day]));
  return Array.from({ length: 12 }, (_, month) => {
    const first = new Date(Date.UTC(year, month, 1));
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const cells: Week = Array.from({ length: weekdayOf(first) }, () => null);
    for (let number = 1; number <= length; number++) {
      const at = new Date(Date.UTC(year, month, number));
      const date = at.toISOString().slice(0, 10);
      const known = special.get(date) ?? null;
      cells.push({ date, number, isWorking: known?.is_working ?? weekdayOf(at) < 5, special: known });
    }
    while (cells.length % 7 !== 0) cells.push(null);
    return Array.from({ length: cells.length / 7 }, (__, week) => cells.slice(7 * week, 7 * week + 7));
  });
}

/** Monday is 0. */
function weekdayOf(at: Date): number {
  return (at.getUTCDay() + 6) % 7;
}

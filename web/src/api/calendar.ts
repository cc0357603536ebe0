/** The calendar that clocks of cases run by. */
import { ask, sendForm } from "./http";
import type { CalendarDay, CalendarYear, ClockHours, DaysDone, DueTry } from "./types";

export function calendarOf(year: number, signal?: AbortSignal): Promise<CalendarYear> {
  return ask("get", "/api/v1/calendar", { query: { year }, signal });
}

/** Whatever the law says of it. */
export function setCalendarDay(date: string, is_working: boolean, name: string): Promise<CalendarDay> {
  return ask("put", "/api/v1/calendar/days/{date}", { path: { date }, body: { is_working, name } });
}

/** What the law says of it holds again. */
export function removeCalendarDay(date: string): Promise<void> {
  return ask("delete", "/api/v1/calendar/days/{date}", { path: { date } });
}

/** All days of a table, or none where a row is wrong. */
export function importCalendarDays(file: File): Promise<DaysDone> {
  const form = new FormData();
  form.append("files", file);
  return sendForm("post", "/api/v1/calendar/days/import", form);
}

export async function setCalendarHours(hours: ClockHours[]): Promise<ClockHours[]> {
  return (await ask("put", "/api/v1/calendar/hours", { body: { hours } })).hours;
}

/** When a term that begins now ends: `5wd`, `4wh`, `3d`. */
export function dueOf(rule: string): Promise<DueTry> {
  return ask("get", "/api/v1/calendar/due", { query: { rule } });
}

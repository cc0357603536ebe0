/** Days and times of the address bar, in the viewer's zone. Pure. */
import type { Span } from "./columns";

const two = (number: number): string => String(number).padStart(2, "0");

/** yyyy-mm-dd */
export function dayOf(at_ms: number): string {
  const at = new Date(at_ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** hh:mm:ss */
export function timeOf(at_ms: number): string {
  const at = new Date(at_ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
}

/** epoch, ms */
export function instantOf(day: string, time: string): number {
  return new Date(`${day}T${time}`).getTime();
}

/** From midnight to midnight; a day with a change of clocks has 23 or 25 hours. */
export function spanOfDay(day: string): Span {
  const from = new Date(`${day}T00:00:00`);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from: from.getTime(), to: to.getTime() };
}

/** The day so many days later, or earlier; yyyy-mm-dd. */
export function stepDay(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00`);
  at.setDate(at.getDate() + days);
  return dayOf(at.getTime());
}

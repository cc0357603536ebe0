/** Lists of the settings: finding a line, and how many to show. Pure. */
import { matches } from "@/shell/search";

/** More lines than these are found by searching, not by scrolling. */
export const MOST_ROWS = 300;

export interface Shown<T> {
  rows: T[];
  /** how many match beyond those shown */
  more: number;
  matching: number;
}

export function shownRows<T>(items: readonly T[], text: string, fieldsOf: (item: T) => readonly (string | null | undefined)[]): Shown<T> {
  const wanted = text.trim();
  const found = wanted ? items.filter((item) => matches(wanted, fieldsOf(item))) : items;
  return { rows: found.slice(0, MOST_ROWS), more: Math.max(0, found.length - MOST_ROWS), matching: found.length };
}

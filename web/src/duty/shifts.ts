/** What the shifts of a roster come to. Pure: the present comes in. */
import type { PersonOnDuty, PlaceInShift, RoundState, Shift } from "@/api";

/** As of a round: everybody came, somebody did not, it goes on, it is to come. */
export function shiftState(shift: Shift, now_ms: number): RoundState {
  if (Date.parse(shift.from) > now_ms) return "upcoming";
  if (Date.parse(shift.to) > now_ms) return "under_way";
  return shift.complete?.rate === 1 ? "done" : "missed";
}

/** The leader first. */
export function peopleOf(shift: Shift): PlaceInShift[] {
  return [shift.leader, ...shift.members];
}

/** How many of them really are on duty; null where one may not know. */
export function presentOf(people: readonly PersonOnDuty[]): number | null {
  const told = people.filter((one) => one.on_duty !== null);
  return told.length === 0 ? null : told.filter((one) => one.on_duty).length;
}

/** Newest first: of the shifts that are to come only the next. */
export function shownShifts(shifts: readonly Shift[], now_ms: number): Shift[] {
  const begun = shifts.filter((shift) => Date.parse(shift.from) <= now_ms);
  return shifts.slice(0, begun.length + 1).reverse();
}

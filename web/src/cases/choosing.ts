/** Which cases a list shows, and in which order. Pure. */
import type { Case, CaseQuery } from "@/api";
import { CASE_ONLY, type CaseOnly, type CaseOrder } from "@/shell/link";
import { MOST_FOUND } from "./lookup";
import { type CaseFilter, isOverdue, isRunning, statesOf } from "./stages";

export interface Choice {
  filter: CaseFilter;
  only: readonly CaseOnly[];
  order: CaseOrder;
  /** what is typed, without the space around it */
  text: string;
}

/** What whoever has this number on the staff may narrow a list to: without one nothing is theirs. */
export function kindsFor(staff: number | null): readonly CaseOnly[] {
  return CASE_ONLY.filter((kind) => kind !== "mine" || staff !== null);
}

const IS_OF: Record<CaseOnly, (one: Case, now_ms: number, staff: number | null) => boolean> = {
  mine: ({ owner }, _, staff) => owner !== null && owner.staff === staff,
  overdue: isOverdue,
  urgent: ({ urgent }) => urgent,
  supervised: ({ supervised_at }) => supervised_at !== null,
};

/** Whether a case is in the states and of the kinds that are chosen by whoever has this number on the staff. */
export function isChosen(one: Case, { filter, only }: Choice, now_ms: number, staff: number | null): boolean {
  return statesOf(filter).includes(one.state) && only.every((kind) => IS_OF[kind](one, now_ms, staff));
}

/** By deadline: first what its clock still runs for, the nearest first and what has none last. */
export function inOrder(cases: readonly Case[], order: CaseOrder): Case[] {
  if (order === "newest") return [...cases];
  const due = (one: Case): number => (one.due_at ? Date.parse(one.due_at) : Number.POSITIVE_INFINITY);
  const compare = (a: Case, b: Case): number => (due(a) === due(b) ? a.id - b.id : due(a) - due(b));
  return [...cases].sort((a, b) => Number(isRunning(b)) - Number(isRunning(a)) || compare(a, b));
}

/**
 * What the server is asked, or null where the page has it all: `known` says that something of what is typed
 * is there, `partial` that the page has not all the cases.
 */
export function askedFor({ filter, only, order, text }: Choice, known: boolean, partial: boolean): CaseQuery | null {
  // Whether a case that is over was late, only the server can tell.
  const wasLate = only.includes("overdue") && (filter === "closed" || filter === "all");
  const beyond = partial && (text !== "" || only.length > 0 || order === "due");
  if (!(text !== "" && !known) && !beyond && !wasLate) return null;
  return {
    ...(text ? { q: text.slice(0, 100) } : {}),
    ...(filter === "all" ? {} : { state: statesOf(filter) }),
    ...Object.fromEntries(only.map((kind) => (kind === "mine" ? ["owner", "me"] : [kind, true]))),
    sort: order,
    limit: MOST_FOUND,
  };
}

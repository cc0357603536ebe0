/** The states of a case as a dispatcher tells them apart, and how they stand to the clock. */
import type { Case, CaseAction, CaseState } from "@/api";
import type { CaseStage } from "@/map/palette";

const STAGE_OF: Record<CaseState, CaseStage> = {
  reported: "new",
  pre_check: "new",
  filed: "new",
  returned: "new",
  dispatched: "dispatched",
  in_progress: "in_progress",
  post_check: "checking",
  callback: "checking",
  closed: "closed",
  void: "closed",
};

export const CASE_FILTERS = ["open", "new", "dispatched", "in_progress", "checking", "closed", "all"] as const;
export type CaseFilter = (typeof CASE_FILTERS)[number];

/** A state that a newer server may add is at least being worked on. */
export function stageOf(state: CaseState): CaseStage {
  return STAGE_OF[state] ?? "in_progress";
}

/** The key of the words for a state. */
export function stateWords(state: CaseState): string {
  return state in STAGE_OF ? `caseState.${state}` : `stage.${stageOf(state)}`;
}

export function statesOf(filter: CaseFilter): CaseState[] {
  const states = Object.keys(STAGE_OF) as CaseState[];
  if (filter === "all") return states;
  if (filter === "open") return states.filter((state) => stageOf(state) !== "closed");
  return states.filter((state) => stageOf(state) === filter);
}

/** Past its deadline and not closed. The deadline counts for the handling, up to the check. */
export function isOverdue(one: Pick<Case, "state" | "due_at">, now_ms: number): boolean {
  const running = ["new", "dispatched", "in_progress"].includes(stageOf(one.state));
  return running && one.due_at !== null && Date.parse(one.due_at) < now_ms;
}

/** Actions that the server refuses without a note. */
const NEEDS_NOTE = new Set<CaseAction>(["verify", "void", "return", "handle", "rework", "reopen"]);

export function needsNote(action: CaseAction): boolean {
  return NEEDS_NOTE.has(action);
}

/** What takes a case forward comes first; what ends it or throws work back, last. */
const FORWARD: readonly CaseAction[] = ["file", "dispatch", "accept", "handle", "check", "close"];
const BACK: readonly CaseAction[] = ["return", "rework", "reopen", "void"];

export function leadsOn(action: CaseAction): boolean {
  return FORWARD.includes(action);
}

export function byUsefulness(a: CaseAction, b: CaseAction): number {
  const rank = (action: CaseAction): number => (leadsOn(action) ? 0 : BACK.includes(action) ? 2 : 1);
  return rank(a) - rank(b);
}

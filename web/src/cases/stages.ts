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
  on_hold: "in_progress",
  post_check: "checking",
  callback: "checking",
  closed: "closed",
  void: "closed",
  merged: "closed",
};

export const CASE_FILTERS = ["open", "new", "dispatched", "in_progress", "checking", "closed", "all"] as const;
export type CaseFilter = (typeof CASE_FILTERS)[number];

/** In which a case may become a part of another: nobody has begun with it. */
const MERGEABLE: readonly CaseState[] = ["reported", "filed", "dispatched", "returned"];

export function canBeMerged({ state }: Pick<Case, "state">): boolean {
  return MERGEABLE.includes(state);
}

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

/** Whether time passes towards the deadline, which counts for the handling, up to the check. */
export function isRunning({ state }: Pick<Case, "state">): boolean {
  return state !== "on_hold" && ["new", "dispatched", "in_progress"].includes(stageOf(state));
}

/** Past its deadline and not handled. */
export function isOverdue(one: Pick<Case, "state" | "due_at">, now_ms: number): boolean {
  return isRunning(one) && one.due_at !== null && Date.parse(one.due_at) < now_ms;
}

/** Actions that the server refuses without a note. */
const NEEDS_NOTE = new Set<CaseAction>([
  ...(["verify", "self_handle", "void", "split", "return", "escalate", "deescalate", "ask_hold", "ask_extension"] as const),
  ...(["refuse", "handle", "rework", "reopen", "appeal", "supervise", "comment"] as const),
]);

export function needsNote(action: CaseAction): boolean {
  return NEEDS_NOTE.has(action);
}

/** What photos show that go with an action; null where there is nothing to be seen. */
export function photosOf(action: CaseAction): "after" | "check" | "other" | null {
  if (action === "handle" || action === "self_handle") return "after";
  if (action === "verify" || action === "check" || action === "rework") return "check";
  return needsNote(action) ? "other" : null;
}

/** What takes a case forward comes first; what ends it or throws work back, last. */
const FORWARD: readonly CaseAction[] = ["file", "dispatch", "accept", "handle", "resume", "grant_hold", "grant_extension", "grant_appeal", "check", "close"];
const BACK: readonly CaseAction[] = ["refuse", "return", "rework", "reopen", "void"];
/** What one does now and then stands behind "More". */
const ASIDE: readonly CaseAction[] = ["correct", "self_handle", "merge", "escalate", "deescalate", "ask_hold", "ask_extension", "rate", "appeal", "urge", "supervise", "comment", "split"];

export function isAside(action: CaseAction): boolean {
  return ASIDE.includes(action);
}

export function leadsOn(action: CaseAction): boolean {
  return FORWARD.includes(action);
}

export function byUsefulness(a: CaseAction, b: CaseAction): number {
  const rank = (action: CaseAction): number => (leadsOn(action) ? 0 : BACK.includes(action) ? 2 : 1);
  return rank(a) - rank(b);
}

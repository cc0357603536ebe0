/** Whether the town is being patrolled: plans and their rounds, coverage, rosters. */
import { ask, fetchFile, urlOf } from "./http";
import type { Checkpoint, DutyNow, DutyRoster, GridsCoverage, Inspection, InspectionPage, NamedFile, NewCheckpoint, NewPlan, Period, Plan, PlanRounds, RecordFormat, Shifts } from "./types";

function queryOf({ from, to }: Period, reason: string | null) {
  return { from: from.toISOString(), to: to.toISOString(), ...(reason ? { reason } : {}) };
}

/** Those in force and those that are to come. */
export async function allPlans(signal?: AbortSignal): Promise<Plan[]> {
  return (await ask("get", "/api/v1/plans", { signal })).items;
}

/** Also one that is over. */
export function planOf(id: number, signal?: AbortSignal): Promise<Plan> {
  return ask("get", "/api/v1/plans/{id}", { path: { id }, signal });
}

/** It never changes; to change it, end it and make another. */
export function createPlan(plan: NewPlan): Promise<Plan> {
  return ask("post", "/api/v1/plans", { body: plan });
}

export function endPlan(id: number): Promise<void> {
  return ask("delete", "/api/v1/plans/{id}", { path: { id } });
}

export function createCheckpoint(checkpoint: NewCheckpoint): Promise<Checkpoint> {
  return ask("post", "/api/v1/checkpoints", { body: checkpoint });
}

/** The rounds that begin in the period. The look is kept in the audit; one at an earlier day needs a `reason`. */
export function roundsOf(plan: number, period: Period, reason: string | null, signal?: AbortSignal): Promise<PlanRounds> {
  return ask("get", "/api/v1/plans/{id}/rounds", { path: { id: plan }, query: queryOf(period, reason), signal });
}

/** In the order they are offered in. */
export const RECORD_FORMATS: readonly RecordFormat[] = ["xlsx", "csv"];

export async function exportRecord(plan: number, period: Period, format: RecordFormat, reason: string): Promise<NamedFile> {
  const file = await fetchFile(urlOf("/api/v1/plans/{id}/record", { id: plan }, { ...queryOf(period, reason), format }));
  return { content: file.content, name: file.name ?? `plan-${plan}.${format}` };
}

export async function allCheckpoints(signal?: AbortSignal): Promise<Checkpoint[]> {
  return (await ask("get", "/api/v1/checkpoints", { signal })).features;
}

/** When each grid of level 2 was visited last. */
export function gridCoverage(signal?: AbortSignal): Promise<GridsCoverage> {
  return ask("get", "/api/v1/coverage/grids", { signal });
}

/** Those in force and those that are to come. */
export async function allRosters(signal?: AbortSignal): Promise<DutyRoster[]> {
  return (await ask("get", "/api/v1/rosters", { signal })).items;
}

/** Also one that is over. */
export function rosterOf(id: number, signal?: AbortSignal): Promise<DutyRoster> {
  return ask("get", "/api/v1/rosters/{id}", { path: { id }, signal });
}

/** The shifts that begin in the period, and who came; recorded as a look at rounds is. */
export function shiftsOf(roster: number, period: Period, reason: string | null, signal?: AbortSignal): Promise<Shifts> {
  return ask("get", "/api/v1/rosters/{id}/shifts", { path: { id: roster }, query: queryOf(period, reason), signal });
}

/** Whose shift it is now, and who of them really is on duty. */
export function dutyNow(signal?: AbortSignal): Promise<DutyNow> {
  return ask("get", "/api/v1/duty", { signal });
}

/** Newest first. */
export function inspectionPage(cursor: string | null): Promise<InspectionPage> {
  return ask("get", "/api/v1/inspections", { query: { cursor: cursor === null ? null : Number(cursor) } });
}

/** With everything that it takes to verify it. */
export function inspectionOf(id: number, signal?: AbortSignal): Promise<Inspection> {
  return ask("get", "/api/v1/inspections/{id}", { path: { id }, signal });
}

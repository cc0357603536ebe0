/** What the rounds of a plan come to. Pure: the present comes in. */
import type { CheckpointState } from "@/map/checkpoints";
import type { CheckpointResult, Plan, PlanRounds, Round, RoundState } from "@/api";

/** The worst first; `none` has no round near now. */
export const STANDINGS = ["missed", "under_way", "upcoming", "done", "none"] as const;
export type Standing = (typeof STANDINGS)[number];

/** The round under way, else the last that is over, else the next. */
export function latestOf(rounds: readonly Round[], now_ms: number): Round | null {
  const begun = rounds.filter((round) => Date.parse(round.from) <= now_ms);
  return begun.at(-1) ?? rounds[0] ?? null;
}

export interface PlanLine {
  plan: Plan;
  /** null while it is being read, or where it cannot be */
  rounds: PlanRounds | null;
  round: Round | null;
  standing: Standing;
}

/** In the order of their standing. */
export function linesOf(plans: readonly Plan[], rounds: ReadonlyMap<number, PlanRounds>, now_ms: number): PlanLine[] {
  const lines = plans.map((plan): PlanLine => {
    const read = rounds.get(plan.id) ?? null;
    const round = read && latestOf(read.items, now_ms);
    return { plan, rounds: read, round, standing: round?.state ?? "none" };
  });
  return lines.sort((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) || a.plan.id - b.plan.id);
}

/** Those to be shown, newest first: of the rounds that are to come only the next. */
export function shownRounds(rounds: readonly Round[], now_ms: number): Round[] {
  const begun = rounds.filter((round) => Date.parse(round.from) <= now_ms);
  return rounds.slice(0, begun.length + 1).reverse();
}

export function stateAt({ reached_at }: CheckpointResult, round: { state: RoundState; to: string }, now_ms: number): CheckpointState {
  if (reached_at) return "reached";
  return Date.parse(round.to) > now_ms ? "waiting" : "missed";
}

export function missedNames(round: Round): string[] {
  return round.checkpoints.filter((one) => !one.reached_at).map((one) => one.name);
}

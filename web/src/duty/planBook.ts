/** The patrol plans and what became of them lately: read while somebody looks, one plan at a time. */
import { computed, type ComputedRef, onScopeDispose, type Ref, shallowRef, watch } from "vue";
import { allCheckpoints, allPlans, type Checkpoint, type Plan, type PlanRounds, type Problem, roundsOf } from "@/api";
import type { ServerClock } from "@/shell/clock";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import { useFresh } from "@/shell/fresh";
import { periodOfDays } from "./lookback";
import { longestWait_ms } from "./rhythm";

const REFRESH_MS = 120_000;
/** Each is worked out of tracks: the server has others to answer meanwhile. */
const AT_ONCE = 3;

export interface PlanBook {
  plans: ComputedRef<readonly Plan[]>;
  /** of today, by the number of the plan, as far as they have been read */
  rounds: Readonly<Ref<ReadonlyMap<number, PlanRounds>>>;
  /** in force, by number */
  checkpoints: ComputedRef<ReadonlyMap<number, Checkpoint>>;
  loaded: ComputedRef<boolean>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
}

/** Nothing is asked for when the viewer may not, nor before they look at plans. */
export function createPlanBook({ link }: Desk, { now }: ServerClock, allowed: boolean): PlanBook {
  const rounds = shallowRef<ReadonlyMap<number, PlanRounds>>(new Map());
  const isListed = (): boolean => allowed && link.section === "duty" && link.duty === "plans";

  const { answer, problem, reload } = useFresh(
    async (signal) => {
      const [plans, checkpoints] = await Promise.all([allPlans(signal), allCheckpoints(signal)]);
      return { plans, checkpoints };
    },
    { every_ms: REFRESH_MS, wanted: () => isListed() || (allowed && link.chosen?.kind === "plan") },
  );

  let stop = new AbortController();
  const readRounds = async (plans: readonly Plan[]): Promise<void> => {
    stop.abort();
    const { signal } = (stop = new AbortController());
    const waiting = [...plans];
    const readNext = async (): Promise<void> => {
      for (let plan = waiting.shift(); plan && !signal.aborted; plan = waiting.shift()) {
        const period = periodOfDays(1, now.value, longestWait_ms(plan.rhythm));
        // One that cannot be read is shown without its rounds; its drawer says why.
        const read = await roundsOf(plan.id, period, null, signal).catch(() => null);
        if (read) rounds.value = new Map(rounds.value).set(plan.id, read);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  };
  watch([answer, isListed], () => {
    if (isListed()) void readRounds(answer.value?.plans ?? []);
  });
  onScopeDispose(() => stop.abort());
  return {
    plans: computed(() => answer.value?.plans ?? []),
    rounds,
    checkpoints: computed(() => new Map(answer.value?.checkpoints.map((one) => [one.id, one]))),
    loaded: computed(() => answer.value !== null),
    problem,
    reload,
  };
}

export const [providePlanBook, usePlanBook] = context<PlanBook>("plan book");

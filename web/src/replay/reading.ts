/** Reading what a replay shows: whose day, why it is asked for, and what came of it. */
import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import { asProblem, type Problem, replay, type TracksOf } from "@/api";
import { wantsReason } from "@/reason/reasons";
import { decode, type Recording } from "./columns";
import { spanOfDay } from "./day";

export interface Asked {
  of: TracksOf;
  day: string;
  /** hh:mm:ss to begin at */
  time: string | null;
  /** whether the map is to look at it */
  fit: boolean;
}

export interface Reading {
  recordings: Readonly<Ref<readonly Recording[]>>;
  loading: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  /** read, and nothing was recorded */
  empty: Readonly<Ref<boolean>>;
  /** why the viewer looks; remembered until they choose something else */
  reason: Readonly<Ref<string | null>>;
  needsReason: ComputedRef<boolean>;
  /** what was asked for last, for asking again with a reason */
  asked: Readonly<Ref<Asked | null>>;
  /** whether there is an answer; false also when another question came in between */
  read: (asked: Asked, reason: string | null) => Promise<boolean>;
  setEmpty: (empty: boolean) => void;
  forget: () => void;
}

export function createReading(): Reading {
  const recordings = shallowRef<readonly Recording[]>([]);
  const loading = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const empty = ref(false);
  const reason = ref<string | null>(null);
  const asked = shallowRef<Asked | null>(null);
  let stop = new AbortController();

  const read = async (wanted: Asked, why: string | null): Promise<boolean> => {
    stop.abort();
    const { signal } = (stop = new AbortController());
    [asked.value, reason.value] = [wanted, why];
    [loading.value, problem.value, empty.value] = [true, null, false];
    try {
      const { from, to } = spanOfDay(wanted.day);
      const answer = await replay(wanted.of, { from: new Date(from), to: new Date(to) }, why, signal);
      recordings.value = answer.units.map((columns) => decode(columns, answer.t0));
      return true;
    } catch (failure) {
      if (!signal.aborted) problem.value = asProblem(failure);
      return false;
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  };
  return {
    recordings,
    loading,
    problem,
    empty,
    reason,
    needsReason: computed(() => wantsReason(problem.value)),
    asked,
    read,
    setEmpty: (is) => (empty.value = is),
    forget: () => {
      stop.abort();
      recordings.value = [];
      [loading.value, problem.value, empty.value] = [false, null, false];
      [asked.value, reason.value] = [null, null];
    },
  };
}

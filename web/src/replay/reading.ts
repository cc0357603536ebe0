/** Reading what a replay shows: whose day, why it is asked for, and what came of it. */
import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import { asProblem, type Problem, replay, type TracksOf } from "@/api";
import { wantsReason } from "@/reason/reasons";
import { decode, type Recording } from "./columns";
import { spanOfDay } from "./day";

/** Drawing all anew for each of three hundred units would keep the page busy with that alone. */
const SHOW_EVERY_MS = 200;

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
  /** how many units were asked for, while they arrive; 0 before the first */
  expected: Readonly<Ref<number>>;
  problem: Readonly<Ref<Problem | null>>;
  /** read, and nothing was recorded */
  empty: Readonly<Ref<boolean>>;
  /** why the viewer looks; remembered until they choose something else */
  reason: Readonly<Ref<string | null>>;
  needsReason: ComputedRef<boolean>;
  /** what was asked for last, for asking again with a reason */
  asked: Readonly<Ref<Asked | null>>;
  /**
   * Whether the answer is whole; false also when another question came in between. `told` is called
   * whenever there are more recordings, and at least once for an answer.
   */
  read: (asked: Asked, reason: string | null, told: () => void) => Promise<boolean>;
  setEmpty: (empty: boolean) => void;
  forget: () => void;
}

export function createReading(): Reading {
  const recordings = shallowRef<readonly Recording[]>([]);
  const loading = ref(false);
  const expected = ref(0);
  const problem = shallowRef<Problem | null>(null);
  const empty = ref(false);
  const reason = ref<string | null>(null);
  const asked = shallowRef<Asked | null>(null);
  let stop = new AbortController();

  const read = async (wanted: Asked, why: string | null, told: () => void): Promise<boolean> => {
    stop.abort();
    const { signal } = (stop = new AbortController());
    [asked.value, reason.value, recordings.value] = [wanted, why, []];
    [loading.value, problem.value, empty.value, expected.value] = [true, null, false, 0];
    let arrived: Recording[] = [];
    let shown_ms = -Infinity;
    const show = (): void => {
      shown_ms = performance.now();
      recordings.value = [...recordings.value, ...arrived];
      arrived = [];
      told();
    };
    try {
      const { from, to } = spanOfDay(wanted.day);
      const period = { from: new Date(from), to: new Date(to) };
      await replay(
        wanted.of,
        period,
        why,
        (columns, head) => {
          if (signal.aborted) return;
          expected.value = head.asked;
          arrived.push(decode(columns, head.t0));
          if (performance.now() - shown_ms >= SHOW_EVERY_MS) show();
        },
        signal,
      );
      if (signal.aborted) return false;
      show();
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
    expected,
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

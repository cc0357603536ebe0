/** A look at today or at the days before it, for which the server wants to know why. */
import { computed, type ComputedRef, type Ref, ref, watch } from "vue";
import type { Period, Problem } from "@/api";
import { wantsReason } from "@/reason/reasons";
import { dayOf, spanOfDay, stepDay } from "@/replay/day";
import { useFresh } from "@/shell/fresh";

/** So many days, today among them. */
export const SPANS = [1, 7, 30] as const;
export type SpanDays = (typeof SPANS)[number];

const REFRESH_MS = 120_000;
/** as the server answers */
const LONGEST_MS = 31 * 24 * 3_600_000;

/** From the midnight of the first of the days to `ahead_ms` from now, no longer than one may ask. */
export function periodOfDays(days: SpanDays, now_ms: number, ahead_ms: number): Period {
  const from = spanOfDay(stepDay(dayOf(now_ms), 1 - days)).from;
  return { from: new Date(from), to: new Date(Math.min(from + LONGEST_MS, now_ms + ahead_ms)) };
}

export interface LookBack<T> {
  days: Ref<SpanDays>;
  answer: Readonly<Ref<T | null>>;
  problem: Readonly<Ref<Problem | null>>;
  loading: Readonly<Ref<boolean>>;
  /** why the viewer looks: asked once, remembered as long as this lives */
  reason: Ref<string | null>;
  needsReason: ComputedRef<boolean>;
  give: (reason: string) => Promise<void>;
  reload: () => Promise<void>;
}

/** Nothing is asked for before `ahead_ms` is known: how far ahead something may be that is to come. */
export function useLookBack<T>(
  now: Readonly<Ref<number>>,
  ahead_ms: () => number | null,
  read: (period: Period, reason: string | null, signal: AbortSignal) => Promise<T>,
): LookBack<T> {
  const days = ref<SpanDays>(1);
  const reason = ref<string | null>(null);
  const { answer, problem, loading, reload, restart } = useFresh(
    (signal) => read(periodOfDays(days.value, now.value, ahead_ms() ?? 0), reason.value, signal),
    { every_ms: REFRESH_MS, wanted: () => ahead_ms() !== null },
  );
  watch(days, () => void restart());
  return {
    days,
    answer,
    problem,
    loading,
    reason,
    needsReason: computed(() => wantsReason(problem.value)),
    give: (said) => {
      reason.value = said;
      return restart();
    },
    reload,
  };
}

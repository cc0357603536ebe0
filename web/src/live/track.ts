/** A day's track of one unit: read, kept fresh while the day is today, drawn while somebody looks. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Period, type Problem, type Track, track as readTrack } from "@/api";
import { wantsReason } from "@/reason/reasons";
import { dayOf, spanOfDay } from "@/replay/day";
import type { Stage } from "@/shell/stage";

const REFRESH_MS = 60_000;

export interface DayTrack {
  track: Readonly<Ref<Track | null>>;
  problem: Readonly<Ref<Problem | null>>;
  loading: Readonly<Ref<boolean>>;
  /** why the viewer looks: asked once, remembered as long as this lives */
  reason: Ref<string | null>;
  /** the server wants to know why before it answers */
  needsReason: ComputedRef<boolean>;
  give: (reason: string) => Promise<void>;
  reload: () => Promise<void>;
}

/** The day as the server is asked for it: no further than now. */
export function periodOf(day: string, now_ms: number): Period {
  const { from, to } = spanOfDay(day);
  return { from: new Date(from), to: new Date(Math.max(from, Math.min(to, now_ms))) };
}

interface Asked {
  unit: string;
  /** yyyy-mm-dd */
  day: () => string;
  now_ms: () => number;
  /** may hold the lines back, as during a replay of the same unit */
  drawn: () => boolean;
}

/** Nothing is asked for while `allowed` is false. */
export function useDayTrack(stage: Stage, allowed: boolean, { unit, day, now_ms, drawn }: Asked): DayTrack {
  const track = shallowRef<Track | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const reason = ref<string | null>(null);
  const loading = ref(allowed);
  let asked = new AbortController();

  const reload = async (): Promise<void> => {
    if (!allowed) return;
    asked.abort();
    const { signal } = (asked = new AbortController());
    try {
      track.value = await readTrack(unit, periodOf(day(), now_ms()), reason.value, signal);
      problem.value = null;
    } catch (failure) {
      if (signal.aborted) return;
      problem.value = asProblem(failure);
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  };
  watch(day, () => {
    [track.value, problem.value, loading.value] = [null, null, allowed];
    void reload();
  });
  watch(
    [stage.scene, track, drawn],
    () => stage.scene.value?.tracks.show(drawn() ? (track.value?.features ?? []) : []),
    { immediate: true },
  );
  const timer = setInterval(() => {
    if (!document.hidden && !wantsReason(problem.value) && day() === dayOf(now_ms())) void reload();
  }, REFRESH_MS);
  onScopeDispose(() => {
    asked.abort();
    clearInterval(timer);
    stage.scene.value?.tracks.clear();
  });
  void reload();
  return {
    track,
    problem,
    loading,
    reason,
    needsReason: computed(() => wantsReason(problem.value)),
    give: (said) => {
      reason.value = said;
      loading.value = true;
      return reload();
    },
    reload,
  };
}

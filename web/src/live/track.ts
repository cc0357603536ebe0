/** Today's track of one unit: read, kept fresh, drawn on the map while somebody looks. */
import { onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Problem, type Track, track as readTrack } from "@/api";
import type { Stage } from "@/shell/stage";

const REFRESH_MS = 60_000;

export interface Today {
  track: Readonly<Ref<Track | null>>;
  problem: Readonly<Ref<Problem | null>>;
  loading: Readonly<Ref<boolean>>;
  reload: () => Promise<void>;
}

export function startOfDay(at_ms: number): Date {
  const day = new Date(at_ms);
  day.setHours(0, 0, 0, 0);
  return day;
}

/** `drawn` may hold the lines back, as during a replay of the same unit. */
export function useToday(unit: string, stage: Stage, now_ms: () => number, drawn: () => boolean): Today {
  const track = shallowRef<Track | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(true);
  const stop = new AbortController();

  const reload = async (): Promise<void> => {
    try {
      track.value = await readTrack(unit, startOfDay(now_ms()), new Date(now_ms()), stop.signal);
      problem.value = null;
    } catch (failure) {
      if (stop.signal.aborted) return;
      problem.value = asProblem(failure);
    } finally {
      loading.value = false;
    }
  };
  watch(
    [stage.scene, track, drawn],
    () => stage.scene.value?.tracks.show(drawn() ? (track.value?.features ?? []) : []),
    { immediate: true },
  );
  const timer = setInterval(() => {
    if (!document.hidden) void reload();
  }, REFRESH_MS);
  onScopeDispose(() => {
    stop.abort();
    clearInterval(timer);
    stage.scene.value?.tracks.clear();
  });
  void reload();
  return { track, problem, loading, reload };
}

/** Open cases that a report may be about too, known once it has a place and a category. */
import { onScopeDispose, type Ref, shallowRef, watch } from "vue";
import { asProblem, type Duplicate, duplicatesNear, type LonLat, type Problem } from "@/api";

export interface Same {
  cases: Readonly<Ref<readonly Duplicate[]>>;
  problem: Readonly<Ref<Problem | null>>;
  /** what has changed meanwhile */
  reload: () => Promise<void>;
}

/** `category` is empty while none is chosen, `place` null while none is picked. */
export function useSame(place: () => LonLat | null, category: () => string): Same {
  const cases = shallowRef<readonly Duplicate[]>([]);
  const problem = shallowRef<Problem | null>(null);
  let asking = new AbortController();
  const reload = async (): Promise<void> => {
    asking.abort();
    const { signal } = (asking = new AbortController());
    const [at, code] = [place(), category()];
    problem.value = null;
    try {
      const found = at && code ? await duplicatesNear(at, code, signal) : [];
      if (!signal.aborted) cases.value = found;
    } catch (failure) {
      if (signal.aborted) return;
      cases.value = [];
      problem.value = asProblem(failure);
    }
  };
  watch([place, category], reload, { immediate: true });
  onScopeDispose(() => asking.abort());
  return { cases, problem, reload };
}

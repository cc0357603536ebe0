/** What the server answers to one question, asked again as long as somebody looks. */
import { onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Problem } from "@/api";

export interface Fresh<T> {
  /** the last answer; it stays while the next one is on its way */
  answer: Readonly<Ref<T | null>>;
  problem: Readonly<Ref<Problem | null>>;
  loading: Readonly<Ref<boolean>>;
  reload: () => Promise<void>;
  /** asks another question: what was answered before says nothing to it */
  restart: () => Promise<void>;
}

interface Options {
  every_ms: number;
  /** nothing is asked for meanwhile */
  wanted?: () => boolean;
}

const isRefusal = (problem: Problem | null): boolean => problem !== null && problem.status >= 400 && problem.status < 429;

export function useFresh<T>(read: (signal: AbortSignal) => Promise<T>, { every_ms, wanted = () => true }: Options): Fresh<T> {
  const answer = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(wanted());
  let asked = new AbortController();

  const reload = async (): Promise<void> => {
    asked.abort();
    const { signal } = (asked = new AbortController());
    loading.value = true;
    try {
      const said = await read(signal);
      if (signal.aborted) return;
      [answer.value, problem.value] = [said, null];
    } catch (failure) {
      if (!signal.aborted) problem.value = asProblem(failure);
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  };
  watch(wanted, (now) => now && void reload(), { immediate: true });
  // What was refused will be refused again.
  const timer = setInterval(() => {
    if (wanted() && !document.hidden && !isRefusal(problem.value)) void reload();
  }, every_ms);
  onScopeDispose(() => {
    asked.abort();
    clearInterval(timer);
  });
  return {
    answer,
    problem,
    loading,
    reload,
    restart: () => {
      [answer.value, problem.value] = [null, null];
      return reload();
    },
  };
}

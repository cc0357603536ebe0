/** What is looked for among all cases there are: the page has only what is open, and the newest that are over. */
import { onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Case, type CaseQuery, casesWanted, type Problem } from "@/api";

export interface Lookup {
  /** what the server found for the query as it is */
  cases: Readonly<Ref<readonly Case[]>>;
  looking: Readonly<Ref<boolean>>;
  /** whether anything is asked at all */
  asked: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  again: () => void;
}

/** While somebody types, only what they stop at is asked. */
const PAUSE_MS = 250;
export const MOST_FOUND = 200;

/** Asks anew whenever the query is another one; null asks nothing. */
export function useCaseLookup(query: () => CaseQuery | null): Lookup {
  const cases = shallowRef<readonly Case[]>([]);
  const looking = ref(false);
  const asked = ref(false);
  const problem = shallowRef<Problem | null>(null);
  let pause: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();
  const stop = (): void => {
    clearTimeout(pause);
    asking.abort();
    asking = new AbortController();
  };
  const look = async (wanted: CaseQuery, { signal }: AbortController): Promise<void> => {
    try {
      const found = await casesWanted(wanted, signal);
      if (!signal.aborted) cases.value = found;
    } catch (failure) {
      if (!signal.aborted) problem.value = asProblem(failure);
    }
    if (!signal.aborted) looking.value = false;
  };
  const begin = (): void => {
    stop();
    const wanted = query();
    cases.value = [];
    problem.value = null;
    asked.value = looking.value = wanted !== null;
    if (wanted) pause = setTimeout(() => void look(wanted, asking), PAUSE_MS);
  };
  watch(() => JSON.stringify(query()), begin, { immediate: true });
  onScopeDispose(stop);
  return { cases, looking, asked, problem, again: begin };
}

/** Whether it can be the beginning of a number: what has no digit is a word. */
export function isNumber(text: string): boolean {
  return /\d/.test(text);
}

/** One thing at a time that the viewer does, and what went wrong with it. */
import { type Ref, ref, shallowRef } from "vue";
import { asProblem, type Problem } from "@/api";

export interface Action {
  busy: Readonly<Ref<boolean>>;
  problem: Ref<Problem | null>;
  /** whether it was done */
  run: (act: () => Promise<unknown>) => Promise<boolean>;
}

export function useAction(): Action {
  const busy = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const run = async (act: () => Promise<unknown>): Promise<boolean> => {
    busy.value = true;
    problem.value = null;
    try {
      await act();
      return true;
    } catch (failure) {
      problem.value = asProblem(failure);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, problem, run };
}

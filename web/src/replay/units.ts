/** Everybody who may be replayed: also those without a position today. */
import { type Ref, shallowRef } from "vue";
import { allUnits, asProblem, type Problem, type Unit } from "@/api";

export interface Units {
  units: Readonly<Ref<readonly Unit[]>>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
}

/** Nothing is asked for while the viewer may not. */
export function useUnits(allowed = true): Units {
  const units = shallowRef<readonly Unit[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const reload = async (): Promise<void> => {
    if (!allowed) return;
    try {
      problem.value = null;
      units.value = await allUnits();
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  void reload();
  return { units, problem, reload };
}

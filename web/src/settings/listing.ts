/** A list that is read once, and again when it may have changed. */
import { type Ref, shallowRef } from "vue";
import { asProblem, type Problem } from "@/api";

export interface Listing<T> {
  /** null until it has been read */
  items: Ref<readonly T[] | null>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
}

export function useListing<T>(read: () => Promise<readonly T[]>): Listing<T> {
  const items = shallowRef<readonly T[] | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const reload = async (): Promise<void> => {
    try {
      items.value = await read();
      problem.value = null;
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  void reload();
  return { items, problem, reload };
}

/** The editions of the grids, for administrators: read while one looks at them. */
import { type Ref, ref, shallowRef, watch } from "vue";
import { allEditions, asProblem, copyEdition, type Edition, type Problem } from "@/api";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";

export interface EditionBook {
  editions: Readonly<Ref<readonly Edition[]>>;
  loaded: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
  /** copies the one in force to a draft */
  copy: (name: string) => Promise<Edition>;
}

export function createEditionBook({ link }: Desk): EditionBook {
  const editions = shallowRef<readonly Edition[]>([]);
  const loaded = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const reload = async (): Promise<void> => {
    try {
      editions.value = await allEditions();
      loaded.value = true;
      problem.value = null;
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  watch(
    () => link.section === "grids" && link.edition === "all",
    (looking) => looking && void reload(),
    { immediate: true },
  );
  return { editions, loaded, problem, reload, copy: (name) => copyEdition(name) };
}

export const [provideEditionBook, useEditionBook] = context<EditionBook>("edition book");

/** One list: chosen, looked at, imported a part at a time. */
import { computed, type Ref, ref, shallowRef } from "vue";
import { asProblem, type CaseImport, importCases, type Problem, refusedRows } from "@/api";
import { saveFile } from "@/shell/save";
import { type Asked, AT_ONCE, formOf, together, usualAsked } from "./list";

export interface Importing {
  file: Readonly<Ref<File | null>>;
  asked: Ref<Asked>;
  preview: Readonly<Ref<CaseImport | null>>;
  outcome: Readonly<Ref<CaseImport | null>>;
  state: Readonly<Ref<"idle" | "looking" | "importing" | "stopped" | "done">>;
  done: Readonly<Ref<number>>;
  problem: Readonly<Ref<Problem | null>>;
  choose: (file: File) => void;
  look: () => Promise<void>;
  take: () => Promise<void>;
  stop: () => void;
  download: () => Promise<void>;
}

export function createImporting(told: () => void): Importing {
  const file = shallowRef<File | null>(null);
  const asked = ref(usualAsked());
  const preview = shallowRef<CaseImport | null>(null);
  const outcome = shallowRef<CaseImport | null>(null);
  const state = ref<"idle" | "looking" | "importing" | "stopped" | "done">("idle");
  const problem = shallowRef<Problem | null>(null);
  /** what the columns were taken for before anybody said otherwise */
  let found: Record<string, string> = {};
  let after: number | null = null;
  let latest = 0;

  const form = (more: Record<string, string | number | boolean>): FormData => formOf(file.value!, asked.value, found, more);
  const look = async (): Promise<void> => {
    if (!file.value) return;
    const mine = ++latest;
    [state.value, problem.value, outcome.value, after] = ["looking", null, null, null];
    try {
      const answer = await importCases(form({ preview: true }));
      if (mine !== latest) return;
      if (Object.keys(asked.value.chosen).length === 0) found = answer.columns;
      preview.value = answer;
    } catch (failure) {
      if (mine === latest) problem.value = asProblem(failure);
    } finally {
      if (mine === latest) state.value = "idle";
    }
  };
  const take = async (): Promise<void> => {
    if (!file.value) return;
    [state.value, problem.value] = ["importing", null];
    try {
      do {
        const part: CaseImport = await importCases(form({ most: AT_ONCE, ...(after === null ? {} : { after_row: after }) }));
        outcome.value = together(outcome.value, part);
        after = part.next_row ?? null;
      } while (after !== null && (state.value as string) === "importing");
      state.value = after === null ? "done" : "stopped";
    } catch (failure) {
      // What was done stays done: the rest may be gone on with.
      problem.value = asProblem(failure);
      state.value = "stopped";
    }
    told();
  };

  return {
    file,
    asked,
    preview,
    outcome,
    state,
    done: computed(() => outcome.value?.rows ?? 0),
    problem,
    choose: (chosen) => {
      file.value = chosen;
      preview.value = null;
      found = {};
      asked.value = { ...asked.value, chosen: {} };
      void look();
    },
    look,
    take,
    stop: () => {
      if (state.value === "importing") state.value = "stopped";
    },
    download: async () => {
      try {
        const content = await refusedRows(form({ preview: true }));
        saveFile({ content, name: `${file.value!.name.replace(/\.\w+$/, "")}-refused.csv` });
      } catch (failure) {
        problem.value = asProblem(failure);
      }
    },
  };
}

/** One case with its history and the people near it, kept fresh while it is looked at. */
import { onScopeDispose, type Ref, shallowRef, watch, watchEffect } from "vue";
import { asProblem, caseDetail, type CaseDetail, type Problem } from "@/api";
import type { Roster } from "@/live/roster";
import type { Stage } from "@/shell/stage";
import type { CaseBook } from "./book";

export interface Detail {
  detail: Readonly<Ref<CaseDetail | null>>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
}

export function useCaseDetail(id: number, book: CaseBook, stage: Stage, roster: Roster): Detail {
  const detail = shallowRef<CaseDetail | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const stop = new AbortController();
  const reload = async (): Promise<void> => {
    try {
      detail.value = await caseDetail(id, stop.signal);
      problem.value = null;
    } catch (failure) {
      if (!stop.signal.aborted) problem.value = asProblem(failure);
    }
  };
  void reload();
  // The list learns of changes first: somebody else has acted.
  watch(
    () => book.byId.value.get(id)?.version,
    (version) => {
      if (detail.value && version && version > detail.value.version) void reload();
    },
  );
  // The list is read again when the server is back, and then this can be too.
  watch(book.cases, () => {
    if (problem.value) void reload();
  });
  watchEffect(() => {
    const read = detail.value;
    if (!read) return;
    const near = read.nearest.flatMap(({ unit }): [number, number][] => {
      const person = roster.byId(unit);
      return person ? [[person.lon, person.lat]] : [];
    });
    stage.scene.value?.cases.setLines([read.lon, read.lat], near);
  });
  onScopeDispose(() => {
    stop.abort();
    stage.scene.value?.cases.setLines(null, []);
  });
  return { detail, problem, reload };
}

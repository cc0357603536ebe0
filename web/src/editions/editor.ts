/** The edition that is open: its grids on the map, what is chosen of them, and what is done to it. */
import { computed, type Ref, ref, shallowRef, watch, watchEffect } from "vue";
import {
  asProblem,
  type ChangedEdition,
  changeEdition,
  compareEdition,
  type Edition,
  type EditionChange,
  editionChanges,
  type EditionComparison,
  type EditionFinding,
  editionFindings,
  type EditionGrid,
  editionGrids,
  type EditionOrder,
  type LonLat,
  oneEdition,
  type Problem,
  redoEdition,
  undoEdition,
} from "@/api";
import { type Action, useAction } from "@/shell/action";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import type { Stage } from "@/shell/stage";
import { type OpenEdition, showEdition } from "./showing";

export interface Editor extends Action, OpenEdition {
  findings: Readonly<Ref<readonly EditionFinding[]>>;
  changes: Readonly<Ref<readonly EditionChange[]>>;
  comparison: Readonly<Ref<EditionComparison | null>>;
  /** why it could not be read */
  failure: Readonly<Ref<Problem | null>>;
  /** what has been drawn */
  line: Ref<readonly LonLat[] | null>;
  drawing: Readonly<Ref<boolean>>;
  reload: () => Promise<void>;
  toggle: (code: string) => void;
  startLine: () => void;
  finishLine: () => void;
  takeBackPoint: () => void;
  stopLine: () => void;
  apply: (order: EditionOrder) => Promise<boolean>;
  undo: () => Promise<boolean>;
  redo: () => Promise<boolean>;
  compare: () => Promise<boolean>;
  /** after something that is no change of its grids */
  put: (edition: Edition) => void;
}

export function createEditor(stage: Stage, { link }: Desk): Editor {
  const id = computed(() => (link.section === "grids" && typeof link.edition === "number" ? link.edition : null));
  const edition = shallowRef<Edition | null>(null);
  const grids = shallowRef<ReadonlyMap<string, EditionGrid>>(new Map());
  const findings = shallowRef<readonly EditionFinding[]>([]);
  const changes = shallowRef<readonly EditionChange[]>([]);
  const comparison = shallowRef<EditionComparison | null>(null);
  const failure = shallowRef<Problem | null>(null);
  const level = ref(2);
  const selected = shallowRef<readonly string[]>([]);
  const line = shallowRef<readonly LonLat[] | null>(null);
  const drawing = ref(false);
  const marked = shallowRef<readonly (object | null)[]>([]);
  const action = useAction();

  const stopLine = (): void => {
    stage.scene.value?.draft.stopLine();
    [line.value, drawing.value] = [null, false];
  };
  const clear = (): void => {
    stopLine();
    [selected.value, marked.value, comparison.value, action.problem.value] = [[], [], null, null];
  };
  const reload = async (): Promise<void> => {
    const wanted = id.value;
    if (wanted === null) return;
    try {
      const [one, features, found, done] = await Promise.all([oneEdition(wanted), editionGrids(wanted), editionFindings(wanted), editionChanges(wanted)]);
      if (id.value !== wanted) return;
      [edition.value, findings.value, changes.value, failure.value] = [one, found, done, null];
      grids.value = new Map(features.map((grid) => [grid.id, grid]));
      selected.value = selected.value.filter((code) => grids.value.has(code));
      const levels = new Set(features.map((grid) => grid.properties.level));
      if (!levels.has(level.value)) level.value = Math.max(...levels, 1);
    } catch (failed) {
      failure.value = asProblem(failed);
    }
  };
  watch(
    id,
    () => {
      clear();
      [edition.value, grids.value, findings.value, changes.value] = [null, new Map(), [], []];
      void reload();
    },
    { immediate: true },
  );

  /** What an answer says of the grids, and the record anew. */
  const take = async (changed: ChangedEdition): Promise<void> => {
    const now = new Map(grids.value);
    for (const code of changed.gone) now.delete(code);
    for (const grid of changed.grids.features) now.set(grid.id, grid);
    [grids.value, edition.value, findings.value, comparison.value] = [now, changed.edition, changed.findings, null];
    selected.value = selected.value.filter((code) => now.has(code));
    stopLine();
    changes.value = await editionChanges(changed.edition.id);
  };
  const run = async (act: (of: Edition) => Promise<unknown>): Promise<boolean> => {
    const of = edition.value;
    if (!of) return false;
    const done = await action.run(() => act(of));
    // Somebody else was quicker: what they made of it is shown, with the words that say so.
    if (action.problem.value?.code === "edition_changed") await reload();
    return done;
  };

  const toggle = (code: string): void => {
    if (drawing.value) return;
    stopLine();
    action.problem.value = null;
    selected.value = selected.value.includes(code) ? selected.value.filter((other) => other !== code) : [...selected.value, code];
  };
  const pick = (place: LonLat): void => {
    const code = drawing.value || line.value ? null : stage.scene.value?.draft.at(place, level.value);
    if (code) toggle(code);
  };
  watchEffect(() => {
    if (id.value !== null && !stage.picker.value) stage.picker.value = pick;
    else if (id.value === null && stage.picker.value === pick) stage.picker.value = null;
  });
  watch(level, () => {
    stopLine();
    selected.value = [];
  });

  const editor: Editor = {
    ...action,
    id,
    edition,
    grids,
    findings,
    changes,
    comparison,
    failure,
    level,
    selected,
    line,
    drawing,
    marked,
    reload,
    toggle,
    startLine: () => {
      stopLine();
      drawing.value = true;
      action.problem.value = null;
      stage.scene.value?.draft.startLine((drawn) => {
        [line.value, drawing.value] = [drawn, false];
      });
    },
    finishLine: () => stage.scene.value?.draft.finishLine(),
    takeBackPoint: () => stage.scene.value?.draft.takeBackPoint(),
    stopLine,
    apply: (order) => run(async (of) => take(await changeEdition(of.id, order))),
    undo: () => run(async (of) => take(await undoEdition(of.id, of.version))),
    redo: () => run(async (of) => take(await redoEdition(of.id, of.version))),
    compare: () => run(async (of) => (comparison.value = await compareEdition(of.id))),
    put: (now) => (edition.value = now),
  };
  showEdition(stage.scene, editor);
  return editor;
}

export const [provideEditor, useEditor] = context<Editor>("edition editor");

/** The catalog of layers, looked at again every half minute: what changed is asked for anew. */
import { computed, type ComputedRef, onScopeDispose, type Ref, shallowRef, watchEffect } from "vue";
import { allLayers, asProblem, type CatalogLayer, type Problem } from "@/api";
import type { Scene } from "@/map/scene";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import { CAMERA_VIEWS, changedSince, type LayerChoice, choicesOf } from "./catalog";
import { paramsOf, type Question, windowsOf } from "./questions";

const EVERY_MS = 30_000;
const KEPT_AS = "wangge.facilities";

export interface LayerBook {
  layers: Readonly<Ref<readonly CatalogLayer[]>>;
  choices: ComputedRef<readonly LayerChoice[]>;
  problem: Readonly<Ref<Problem | null>>;
  byId: (id: string) => CatalogLayer | undefined;
  choiceOf: (id: string) => LayerChoice | undefined;
  reload: () => Promise<void>;
  /** what layers that are worked out are asked; others, and those not asked anything, are not in it */
  questions: Readonly<Ref<Readonly<Record<string, Question>>>>;
  ask: (id: string, question: Question) => void;
  /** kinds of facilities that this viewer does not want to see */
  hiddenKinds: Readonly<Ref<ReadonlySet<string>>>;
  toggleKind: (kind: string) => void;
  /** told the layers whose tiles may be others now */
  onChange: (told: (ids: readonly string[]) => void) => void;
}

/** Nothing is asked for when the viewer may not read layers. */
export function createLayerBook(allowed: boolean): LayerBook {
  const layers = shallowRef<readonly CatalogLayer[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const hiddenKinds = shallowRef<ReadonlySet<string>>(new Set(localStorage.getItem(KEPT_AS)?.split(",").filter(Boolean)));
  const listeners: ((ids: readonly string[]) => void)[] = [];
  const reload = async (): Promise<void> => {
    if (!allowed) return;
    try {
      const now = await allLayers();
      const changed = changedSince(layers.value, now);
      layers.value = now;
      problem.value = null;
      if (changed.length > 0) for (const told of listeners) told(changed);
    } catch (failure) {
      // What is known stays on the map; the next look may be answered.
      problem.value = asProblem(failure);
    }
  };
  void reload();
  // A page that nobody looks at asks for nothing.
  const timer = setInterval(() => !document.hidden && void reload(), EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
  const questions = shallowRef<Readonly<Record<string, Question>>>({});
  const choices = computed(() =>
    choicesOf(layers.value).map((choice) => {
      const question = questions.value[choice.overlay.id];
      const params = question ? paramsOf(question, Date.now()) : "";
      const colors = question && windowsOf(question) > 1 ? choice.overTime : choice.overlay.colors;
      return params ? { ...choice, overlay: { ...choice.overlay, colors, tiles: `${choice.overlay.tiles}?${params}` } } : choice;
    }),
  );
  return {
    layers,
    choices,
    problem,
    byId: (id) => layers.value.find((one) => one.id === id),
    choiceOf: (id) => choices.value.find((one) => one.overlay.id === id),
    reload,
    questions,
    ask: (id, question) => (questions.value = { ...questions.value, [id]: question }),
    hiddenKinds,
    toggleKind: (kind) => {
      const kinds = new Set(hiddenKinds.value);
      if (!kinds.delete(kind)) kinds.add(kind);
      hiddenKinds.value = kinds;
      localStorage.setItem(KEPT_AS, [...kinds].join(","));
    },
    onChange: (told) => listeners.push(told),
  };
}

export const [provideLayerBook, useLayerBook] = context<LayerBook>("layer book");

/** Brings what is switched on to the map, and keeps it as new as the server has it. */
export function showOverlays(scene: Readonly<Ref<Scene | null>>, { link }: Desk, book: LayerBook, gridsChanged: () => void): void {
  watchEffect(() => scene.value?.overlays.show(book.choices.value.filter(({ overlay }) => link.overlays.includes(overlay.id)).map(({ overlay }) => overlay)));
  watchEffect(() => scene.value?.facilities.hide(book.hiddenKinds.value));
  book.onChange((ids) => {
    const made = scene.value;
    for (const id of ids) made?.overlays.refresh(id);
    if (ids.includes("cameras")) {
      made?.overlays.refresh(CAMERA_VIEWS);
      made?.cameras.refresh();
    }
    if (ids.includes("facilities")) made?.facilities.refresh();
    if (ids.includes("grids")) {
      made?.grids.borders.getSource()?.refresh();
      gridsChanged();
    }
  });
}

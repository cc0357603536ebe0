/** The open edition, brought to the map. */
import { type ComputedRef, type Ref, watch, watchEffect } from "vue";
import type { Edition, EditionGrid } from "@/api";
import type { Scene } from "@/map/scene";

/** What the map shows of it. */
export interface OpenEdition {
  /** its number; null: none is open */
  id: ComputedRef<number | null>;
  edition: Readonly<Ref<Edition | null>>;
  grids: Readonly<Ref<ReadonlyMap<string, EditionGrid>>>;
  /** of the grids that a click chooses */
  level: Ref<number>;
  selected: Ref<readonly string[]>;
  /** what the map marks: findings or moved ground */
  marked: Ref<readonly (object | null)[]>;
}

export function showEdition(scene: Readonly<Ref<Scene | null>>, open: OpenEdition): void {
  watchEffect(() => scene.value?.draft.setVisible(open.id.value !== null));
  watchEffect(() => scene.value?.draft.show(open.grids.value.values()));
  watchEffect(() => scene.value?.draft.choose(new Set(open.selected.value), open.level.value));
  watchEffect(() => scene.value?.draft.mark(open.marked.value));
  // Its grids come into view once, when it is opened without a place in the address.
  watch([scene, open.edition], ([made, edition], [, before]) => {
    if (!made || !edition || edition.id === before?.id) return;
    const whole = made.draft.wholeExtent();
    if (whole && made.looking().zoom < 9) made.fit(whole, 16, false);
  });
}

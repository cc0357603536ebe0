/** The open edition, brought to the map. */
import { type Ref, watch, watchEffect } from "vue";
import type { Scene } from "@/map/scene";
import type { Editor } from "./editor";

export function showEditor(scene: Readonly<Ref<Scene | null>>, editor: Editor): void {
  watchEffect(() => scene.value?.draft.setVisible(editor.id.value !== null));
  watchEffect(() => scene.value?.draft.show(editor.grids.value.values()));
  watchEffect(() => scene.value?.draft.choose(new Set(editor.selected.value), editor.level.value));
  watchEffect(() => scene.value?.draft.mark(editor.marked.value));
  // Its grids come into view once, when it is opened without a place in the address.
  watch([scene, editor.edition], ([made, edition], [, before]) => {
    if (!made || !edition || edition.id === before?.id) return;
    const whole = made.draft.wholeExtent();
    if (whole && made.looking().zoom < 9) made.fit(whole, 16, false);
  });
}

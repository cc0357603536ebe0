/** A place for a case that is picked on the map, which shows it until it is used or let go. */
import { onScopeDispose, type Ref, shallowRef, watchEffect } from "vue";
import type { LonLat } from "@/api";
import type { Stage } from "@/shell/stage";

export interface Placing {
  picking: Readonly<Ref<boolean>>;
  start: () => void;
  stop: () => void;
}

/** `place` is written at each click until it is stopped, so that a wrong one is put right by another. */
export function usePlacing(stage: Stage, place: Ref<LonLat | null>): Placing {
  const picking = shallowRef(false);
  const stop = (): void => {
    if (picking.value) stage.picker.value = null;
    picking.value = false;
  };
  useMark(stage, () => place.value);
  onScopeDispose(stop);
  return {
    picking,
    start: () => {
      picking.value = true;
      stage.picker.value = (picked) => (place.value = picked);
    },
    stop,
  };
}

/** Marks a place where a case might lie, as long as somebody looks. */
export function useMark(stage: Stage, place: () => LonLat | null): void {
  watchEffect(() => stage.scene.value?.cases.setDraft(place()));
  onScopeDispose(() => stage.scene.value?.cases.setDraft(null));
}

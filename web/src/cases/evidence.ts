/** What goes with a report: photos, and what the reporter did about it at once. */
import { computed, type ComputedRef, type Ref, ref } from "vue";
import type { NewCase } from "@/api";
import { createPile, type Pile } from "@/photos/pile";

export interface Evidence {
  photos: Pile;
  /** of what was handled at once */
  after: Pile;
  isHandled: Ref<boolean>;
  handled: Ref<string>;
  sending: ComputedRef<boolean>;
  /** what must be seen to before it can be sent */
  fault: ComputedRef<"handled" | "photos" | null>;
  order: () => Partial<NewCase>;
}

export function createEvidence(): Evidence {
  const photos = createPile();
  const after = createPile();
  const isHandled = ref(false);
  const handled = ref("");
  const piles = computed(() => (isHandled.value ? [photos, after] : [photos]));
  return {
    photos,
    after,
    isHandled,
    handled,
    sending: computed(() => piles.value.some((pile) => pile.sending.value)),
    fault: computed(() => {
      if (isHandled.value && !handled.value.trim()) return "handled";
      return piles.value.some((pile) => pile.failed.value) ? "photos" : null;
    }),
    order: () => ({
      ...(photos.ids.value.length > 0 ? { photos: photos.ids.value } : {}),
      ...(isHandled.value ? { handled: handled.value.trim() } : {}),
      ...(isHandled.value && after.ids.value.length > 0 ? { photos_after: after.ids.value } : {}),
    }),
  };
}

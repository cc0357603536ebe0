/** Bringing an object into view when it is chosen from a list. */
import { nextTick, type Ref } from "vue";
import type { CaseBook } from "@/cases/book";
import type { Roster } from "@/live/roster";
import type { Scene } from "@/map/scene";
import type { Chosen } from "./link";

interface Places {
  scene: Readonly<Ref<Scene | null>>;
  roster: Roster;
  cases: CaseBook;
}

/** What is brought into view is not to lie under the drawer that opens for it. */
export async function drawerIsThere(): Promise<void> {
  await nextTick();
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}

export function useGoTo({ scene, roster, cases }: Places): (chosen: Chosen) => Promise<void> {
  return async ({ kind, id }) => {
    await drawerIsThere();
    if (kind === "grid") {
      const extent = scene.value?.grids.extentOf(id);
      if (extent) scene.value?.fit(extent);
      return;
    }
    if (kind === "camera" || kind === "facility") {
      const at = (kind === "camera" ? scene.value?.cameras : scene.value?.facilities)?.at(id);
      if (at) scene.value?.show(at, 17);
      return;
    }
    // A feature of a layer brings itself into view once it is read.
    if (kind === "feature") return;
    const place = kind === "unit" ? roster.byId(id) : cases.byId.value.get(Number(id));
    if (place) scene.value?.show([place.lon, place.lat]);
  };
}

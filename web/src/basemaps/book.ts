/** The basemaps that the installation has beside its own, and the one that this viewer chose. */
import { computed, type ComputedRef, type Ref, ref, shallowRef, watch, watchEffect } from "vue";
import { allBasemaps, type Basemap } from "@/api";
import type { Scene } from "@/map/scene";
import { context } from "@/shell/context";

const KEPT_AS = "wangge.basemap";
/** No basemap can be called so: an id begins with a letter or a digit. */
export const LOCAL = "-local";

export interface BasemapBook {
  basemaps: Readonly<Ref<readonly Basemap[]>>;
  /** null: the local one */
  chosen: ComputedRef<Basemap | null>;
  choose: (id: string) => void;
  /** the chosen one cannot be had, and the local one stands in */
  failing: Ref<boolean>;
}

/** Nothing is asked for when the viewer may not read layers. */
export function createBasemapBook(allowed: boolean): BasemapBook {
  const basemaps = shallowRef<readonly Basemap[]>([]);
  const wanted = ref(localStorage.getItem(KEPT_AS) ?? LOCAL);
  const failing = ref(false);
  const load = async (): Promise<void> => {
    try {
      basemaps.value = await allBasemaps();
    } catch {
      // The local map needs no list; the next visit asks again.
    }
  };
  if (allowed) void load();
  return {
    basemaps,
    chosen: computed(() => basemaps.value.find((one) => one.id === wanted.value) ?? null),
    choose: (id) => {
      wanted.value = id;
      localStorage.setItem(KEPT_AS, id);
    },
    failing,
  };
}

export const [provideBasemapBook, useBasemapBook] = context<BasemapBook>("basemap book");

/** Brings the choice to the map. */
export function showBasemap(scene: Readonly<Ref<Scene | null>>, { chosen, failing }: BasemapBook): void {
  watch(scene, (made) => {
    if (made) made.pictures.onFailing = (now) => (failing.value = now);
  });
  watchEffect(() => scene.value?.pictures.show(chosen.value));
}

/** The map on the page: made once the page is there; what is under the pointer and what is clicked. */
import { onBeforeUnmount, onMounted, onScopeDispose, type Ref, shallowRef, watch, watchEffect } from "vue";
import type { LonLat } from "@/api";
import { type Hit, type Looking, Scene } from "@/map/scene";
import { context } from "./context";
import type { Desk } from "./desk";
import type { Link } from "./link";
import type { Look } from "./look";

export interface Choice {
  hits: Hit[];
  pixel: [number, number];
}

/** A place that somebody asked about by its menu. */
export interface Place {
  place: LonLat;
  pixel: [number, number];
}

export interface Stage {
  scene: Readonly<Ref<Scene | null>>;
  looking: Readonly<Ref<Looking | null>>;
  pointer: Readonly<Ref<LonLat | null>>;
  /** several objects lie where the viewer clicked */
  choice: Ref<Choice | null>;
  menu: Ref<Place | null>;
  /** set while a place is being picked: called instead of everything else */
  picker: Ref<((place: LonLat) => void) | null>;
  /** an object pointed at in a list */
  pointedAt: Ref<Hit | null>;
  /** a grid that what is chosen is about */
  outlined: Ref<string | null>;
  /** the last click on open ground */
  clicked: Readonly<Ref<LonLat | null>>;
}

/** Where grids are what one looks for, a click on the ground is a click on its grid. */
function showsGrids({ section, duty }: Link): boolean {
  return section === "grids" || (section === "duty" && duty === "coverage");
}

/** Outlines the grid that a drawer is about as long as it is open. */
export function useOutline({ outlined }: Stage, code: () => string | null): void {
  watchEffect(() => (outlined.value = code()));
  onScopeDispose(() => (outlined.value = null));
}

export const [provideStage, useStage] = context<Stage>("stage");

export function createStage(target: Readonly<Ref<HTMLElement | null>>, desk: Desk, look: Look): Stage {
  const scene = shallowRef<Scene | null>(null);
  const looking = shallowRef<Looking | null>(null);
  const pointer = shallowRef<LonLat | null>(null);
  const hovered = shallowRef<Hit | null>(null);
  const choice = shallowRef<Choice | null>(null);
  const menu = shallowRef<Place | null>(null);
  const picker = shallowRef<((place: LonLat) => void) | null>(null);
  const pointedAt = shallowRef<Hit | null>(null);
  const outlined = shallowRef<string | null>(null);
  const clicked = shallowRef<LonLat | null>(null);

  const click = (hits: Hit[], place: LonLat, pixel: [number, number]): void => {
    menu.value = choice.value = null;
    if (picker.value) return picker.value(place);
    const [only] = hits;
    if (hits.length > 1) choice.value = { hits, pixel };
    else if (only) desk.choose({ ...only });
    else {
      clicked.value = place;
      const grid = showsGrids(desk.link) ? scene.value?.grids.at(place) : null;
      if (grid) desk.choose({ kind: "grid", id: grid.id });
    }
  };

  onMounted(() => {
    if (!target.value) return;
    const root = document.documentElement;
    root.dataset["map"] = "loading";
    const made = new Scene(target.value, look.theme.value, look.scale, {
      clicked: click,
      menu: (place, pixel) => {
        choice.value = null;
        menu.value = { place, pixel };
      },
      pointed: (place) => (pointer.value = place),
      hovered: (hit) => (hovered.value = hit),
      looked: (now) => {
        looking.value = now;
        menu.value = choice.value = null;
        desk.link.view = { lon: now.lon, lat: now.lat, zoom: now.zoom };
      },
      // For whoever waits for a picture, such as a test: everything asked for is drawn.
      ready: () => (root.dataset["map"] = "ready"),
    });
    if (desk.link.view) made.look(desk.link.view);
    scene.value = made;
  });
  onBeforeUnmount(() => scene.value?.dispose());

  watch(look.theme, (theme) => scene.value?.paint(theme));
  watchEffect(() => scene.value?.setPicking(picker.value !== null));
  watchEffect(() => scene.value?.emphasise(desk.link.chosen, pointedAt.value ?? hovered.value, outlined.value));
  return { scene, looking, pointer, choice, menu, picker, pointedAt, outlined, clicked };
}

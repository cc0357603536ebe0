/** Light or dark, and the size for a wall: the viewer's choice, else what the system prefers. */
import { computed, type ComputedRef, onScopeDispose, ref, watchEffect } from "vue";
import type { Theme } from "@/map/palette";
import { context } from "./context";

const THEME_KEPT_AS = "wangge.theme";
const WALL_KEPT_AS = "wangge.wall";
/** The same in `tokens.css` and `centre.css`. */
const WALL_SCALE = 1.6;

export interface Look {
  theme: ComputedRef<Theme>;
  wall: boolean;
  /** by how much everything is larger than on a desk */
  scale: number;
  toggleTheme: () => void;
  toggleWall: () => void;
}

export function createLook(): Look {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const systemDark = ref(system.matches);
  const follow = (event: MediaQueryListEvent): boolean => (systemDark.value = event.matches);
  system.addEventListener("change", follow);
  onScopeDispose(() => system.removeEventListener("change", follow));

  const chosen = ref(localStorage.getItem(THEME_KEPT_AS));
  const walled = localStorage.getItem(WALL_KEPT_AS) === "yes";
  const theme = computed<Theme>(() => {
    if (chosen.value === "light" || chosen.value === "dark") return chosen.value;
    return systemDark.value ? "dark" : "light";
  });
  watchEffect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    document.documentElement.toggleAttribute("data-wall", walled);
  });
  return {
    theme,
    wall: walled,
    scale: walled ? WALL_SCALE : 1,
    toggleTheme: () => {
      chosen.value = theme.value === "dark" ? "light" : "dark";
      localStorage.setItem(THEME_KEPT_AS, chosen.value);
    },
    toggleWall: () => {
      localStorage.setItem(WALL_KEPT_AS, walled ? "no" : "yes");
      // The map chooses its sharpness once; a wall is hung once too.
      location.reload();
    },
  };
}

export const [provideLook, useLook] = context<Look>("look");

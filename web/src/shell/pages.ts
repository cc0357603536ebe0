/** What stands in the map's place, each read when it is first opened. */
import { type Component, defineAsyncComponent } from "vue";
import type { Page } from "./link";

export const PAGES: Record<Page, Component> = {
  figures: defineAsyncComponent(() => import("@/figures/FiguresPage.vue")),
  settings: defineAsyncComponent(() => import("@/settings/SettingsPage.vue")),
  import: defineAsyncComponent(() => import("@/cases/intake/ImportDesk.vue")),
  pairs: defineAsyncComponent(() => import("@/cases/intake/PairsDesk.vue")),
};

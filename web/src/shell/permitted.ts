/** What an account may open. What it may not is neither shown nor asked for. Pure. */
import type { May, Permission } from "@/api";
import type { LayerName, ObjectKind } from "./link";
import { DUTY_TABS, type DutyTab, type Section, SECTIONS, type Tab, TABS } from "./sections";

export function tabsFor(may: May): Tab[] {
  // Whoever has cases may look up what they can be about, and who handles them.
  const needed: Partial<Record<Tab, Permission>> = { departments: "read_cases", categories: "read_cases", audit: "read_audit" };
  return TABS.filter((tab) => may(needed[tab] ?? "administer"));
}

export function dutyTabsFor(may: May): DutyTab[] {
  const needed: Partial<Record<DutyTab, Permission>> = { inspections: "read_inspections", video: "watch_cameras" };
  return DUTY_TABS.filter((tab) => may(needed[tab] ?? "read_tracks"));
}

export function sectionsFor(may: May): Section[] {
  const opens: Record<Section, boolean> = {
    live: may("read_positions"),
    replay: may("read_tracks"),
    cases: may("read_cases"),
    grids: may("read_grids"),
    duty: dutyTabsFor(may).length > 0,
    figures: may("read_cases"),
    settings: tabsFor(may).length > 0,
  };
  return SECTIONS.filter((section) => opens[section]);
}

const NEEDED: Record<LayerName, Permission> = {
  people: "read_positions",
  cases: "read_cases",
  grids: "read_grids",
  cameras: "read_layers",
  facilities: "read_layers",
  basemap: "read_layers",
};

const NEEDED_TO_OPEN: Partial<Record<ObjectKind, Permission>> = {
  plan: "read_tracks",
  roster: "read_tracks",
  inspection: "read_inspections",
  feature: "read_layers",
};

/** Whether anything is asked for when a link opens such an object; what is on the map is there already. */
export function opensFor(kind: ObjectKind, may: May): boolean {
  const needed = NEEDED_TO_OPEN[kind];
  return needed === undefined || may(needed);
}

/** Those of `layers` that the account may look at. */
export function layersFor(layers: readonly LayerName[], may: May): LayerName[] {
  return layers.filter((name) => may(NEEDED[name]));
}

/** Whether there is anything on a map for them; an auditor's page has none. */
export function hasMap(may: May): boolean {
  return sectionsFor(may).some((section) => section !== "settings");
}

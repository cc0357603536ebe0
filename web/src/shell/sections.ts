/** What an account may open. What it may not is neither shown nor asked for. Pure. */
import type { Permission } from "@/api";
import type { LayerName, ObjectKind } from "./link";

export const SECTIONS = ["live", "replay", "cases", "grids", "duty", "settings"] as const;
export type Section = (typeof SECTIONS)[number];

export const TABS = ["accounts", "staff", "units", "roles", "audit"] as const;
export type Tab = (typeof TABS)[number];

export const DUTY_TABS = ["plans", "coverage", "rosters", "inspections", "video"] as const;
export type DutyTab = (typeof DUTY_TABS)[number];

export type May = (permission: Permission) => boolean;

export function tabsFor(may: May): Tab[] {
  return TABS.filter((tab) => may(tab === "audit" ? "read_audit" : "administer"));
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

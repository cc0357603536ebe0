import { expect, test } from "vitest";
import type { Permission } from "@/api";
import { LAYERS, OBJECTS, pageOf } from "@/shell/link";
import { dutyTabsFor, hasMap, layersFor, opensFor, sectionsFor, tabsFor } from "@/shell/permitted";

const holding =
  (...held: Permission[]) =>
  (permission: Permission): boolean =>
    held.includes(permission);

test("an auditor has the audit, and nothing on a map", () => {
  const may = holding("read_audit");
  expect(sectionsFor(may)).toEqual(["settings"]);
  expect(tabsFor(may)).toEqual(["audit"]);
  expect(hasMap(may)).toBe(false);
});

test("a department handler has cases and the map, without people", () => {
  const may = holding("read_grids", "read_layers", "read_cases", "act_on_cases", "read_names");
  expect(sectionsFor(may)).toEqual(["cases", "grids", "figures", "settings"]);
  expect(layersFor(LAYERS, may)).not.toContain("people");
  expect(hasMap(may)).toBe(true);
});

test("whoever has cases may look up what they can be about, and who handles them", () => {
  expect(tabsFor(holding("read_cases"))).toEqual(["departments", "categories"]);
});

test("of duty each part is for those who may see it", () => {
  expect(dutyTabsFor(holding("read_tracks"))).toEqual(["plans", "coverage", "rosters"]);
  expect(dutyTabsFor(holding("read_inspections"))).toEqual(["inspections"]);
  expect(OBJECTS.filter((kind) => opensFor(kind, holding("read_tracks")))).not.toContain("inspection");
  expect(OBJECTS.filter((kind) => opensFor(kind, holding()))).toEqual(["unit", "case", "grid", "camera", "facility"]);
});

test("whoever may see tracks sees whether there are patrols", () => {
  expect(sectionsFor(holding("read_grids", "read_tracks"))).toEqual(["replay", "grids", "duty"]);
});

test("whoever administers without reading the audit has the other tabs", () => {
  expect(tabsFor(holding("administer"))).toEqual(["accounts", "staff", "units", "roles", "channels", "calendar"]);
});

test("an account that may nothing has no section", () => {
  expect(sectionsFor(holding("post_fixes_device"))).toEqual([]);
});

test("a page stands in the map's place: figures, settings, and what is done with many cases", () => {
  expect(pageOf({ section: "figures", caseDesk: null })).toBe("figures");
  expect(pageOf({ section: "cases", caseDesk: "pairs" })).toBe("pairs");
  expect(pageOf({ section: "cases", caseDesk: null })).toBeNull();
  expect(pageOf({ section: "live", caseDesk: "import" })).toBeNull();
});

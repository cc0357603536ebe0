import { expect, test } from "vitest";
import { usualFigures } from "@/figures/link";
import { emptyLink, type Link, readLink, writeLink } from "@/shell/link";

const full: Link = {
  section: "replay",
  panel: false,
  view: { lon: 113.41982, lat: 28.61021, zoom: 14.5 },
  layers: ["people", "cameras"],
  overlays: ["sensors", "wells-2026"],
  chosen: { kind: "unit", id: "GW-017" },
  trackDay: "2026-11-20",
  nearby: { lon: 113.4201, lat: 28.611, radius_m: 200, from: "2026-11-20T09:00", to: "2026-11-20T11:00" },
  caseFilter: "closed",
  caseOnly: ["mine", "supervised"],
  caseOrder: "due",
  caseDesk: null,
  tab: "accounts",
  duty: "plans",
  edition: null,
  figures: usualFigures(),
  replay: { units: ["GW-017", "VH-001"], grid: null, day: "2026-11-21", time: "09:30:00", speed: 60 },
};

test("a screen comes back from its link", () => {
  expect(readLink(writeLink(full))).toEqual(full);
});

test("the usual screen has an empty link", () => {
  expect(writeLink(emptyLink())).toBe("");
  expect(readLink("")).toEqual(emptyLink());
});

test("a link is readable", () => {
  expect(writeLink(full)).toContain("at=113.41982,28.61021,14.5");
  expect(writeLink(full)).toContain("open=unit:GW-017");
  expect(writeLink(full)).toContain("near=113.42010,28.61100,200&between=2026-11-20T09:00,2026-11-20T11:00");
});

test("a replay is part of the link only where it is shown", () => {
  expect(writeLink({ ...full, section: "live" })).not.toContain("replay");
});

test("duty has its own part of the link, where it is shown", () => {
  const duty: Link = { ...emptyLink(), section: "duty", duty: "coverage", chosen: { kind: "plan", id: "12" } };
  expect(writeLink(duty)).toBe("?section=duty&open=plan:12&duty=coverage");
  expect(readLink(writeLink(duty))).toEqual(duty);
  expect(writeLink({ ...duty, section: "live" })).not.toContain("duty");
});

test.each([
  "?section=nonsense&at=1,2&open=ghost:1&day=yesterday&time=9&speed=7&cases=%3Cscript%3E",
  "?at=999,0,3&open=:&layers=",
  "?open=unit:&at=a,b,c",
  "?near=1,2,100",
  "?near=1,2,100&between=9:00,11:00",
  "?near=x,2,100&between=2026-11-20T09:00,2026-11-20T11:00",
])("what cannot be read is as if it were not there: %s", (search) => {
  const { layers, ...rest } = readLink(search);
  const { layers: _, ...usual } = emptyLink();
  expect(rest).toEqual(usual);
  expect(layers.length === 0).toBe(search.includes("layers="));
});

test("an id may hold a colon", () => {
  expect(readLink("?open=unit:a:b").chosen).toEqual({ kind: "unit", id: "a:b" });
});

test("what this browser remembers holds where a link says nothing", () => {
  const usual = { layers: ["grids" as const], overlays: ["sensors"] };
  expect(readLink("", usual)).toMatchObject(usual);
  expect(readLink("?layers=people", usual)).toMatchObject({ layers: ["people"], overlays: [] });
  expect(readLink("?also=changes", usual).overlays).toEqual(["changes"]);
});

test("an edition is part of the link of the grids only", () => {
  const link: Link = { ...emptyLink(), section: "grids", edition: 12 };
  expect(writeLink(link)).toBe("?section=grids&edition=12");
  expect(readLink("?section=grids&edition=12").edition).toBe(12);
  expect(readLink("?section=grids&edition=all").edition).toBe("all");
  expect(readLink("?edition=x").edition).toBeNull();
  expect(writeLink({ ...link, section: "live" })).toBe("");
});

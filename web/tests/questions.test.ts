import { expect, test } from "vitest";
import type { CatalogLayer } from "@/api";
import { countable, daysOfWindow, divided, ofDays, paramsOf, periodsFor, type Question, TIME, windowsFor } from "@/layers/questions";
import { shadeOf } from "@/map/overlays";

const layer = (id: string, said: Partial<CatalogLayer> = {}): CatalogLayer => ({ id, geometry: "point", source: "built_in", tiles: "/", choices: {}, ...said }) as CatalogLayer;
const density = layer("density", { geometry: "polygon", source: "computed", choices: { of: "String" } });
const all = [layer("sensors"), layer("cases"), layer("grids", { geometry: "polygon" }), layer("tracks", { tiles: null }), density];

test("points can be counted, cases first, and time by whoever may see tracks", () => {
  expect(countable(density, all, true)).toEqual(["cases", "sensors", TIME]);
  expect(countable(density, all, false)).toEqual(["cases", "sensors"]);
  expect(countable({ ...density, id: "hotspots" }, all, true)).toEqual(["cases", "sensors"]);
  expect(countable(layer("coverage"), all, true)).toEqual([]);
});

test("days are asked from midnight to midnight, so that all tiles of a day ask the same", () => {
  const params = new URLSearchParams(paramsOf({ of: "cases", days: 7 }, new Date("2026-11-27T11:08:30").getTime()));
  const [from = "", to = ""] = params.get("datetime")?.split("/") ?? [];
  expect(params.get("of")).toBe("cases");
  expect(new Date(from)).toEqual(new Date("2026-11-21T00:00:00"));
  expect(new Date(to)).toEqual(new Date("2026-11-28T00:00:00"));
  expect(paramsOf({ of: null, days: null }, 0)).toBe("");
});

test("a shade is a logarithm in ten steps; what has something is never invisible", () => {
  const scale = { least: 1, most: 100 };
  expect([0, 0.1, 1, 10, 100, 5000, "x"].map((value) => shadeOf(scale, value))).toEqual([0, 0.1, 0.1, 0.5, 1, 1, 0]);
});

test("a period that figures are of is asked for in place of days", () => {
  const span = { from: new Date("2026-10-31T16:00:00Z"), to: new Date("2026-11-30T16:00:00Z") };
  const params = new URLSearchParams(paramsOf({ of: "cases", days: null, span }, 0));
  expect(params.get("datetime")).toBe("2026-10-31T16:00:00.000Z/2026-11-30T16:00:00.000Z");
});

test("tracks are asked about for a month at most", () => {
  expect(periodsFor(false)).toEqual([null, 7, 30, 90]);
  expect(periodsFor(true)).toEqual([null, 7, 30]);
});

test("a time is divided into windows of a day or more", () => {
  const week: Question = { of: "cases", days: 7 };
  expect(windowsFor(week)).toEqual([1, 4, 6]);
  expect(windowsFor({ ...week, days: null })).toEqual([1, 4, 6, 12]);
  expect(daysOfWindow(week, 4)).toBe(1.8);
  expect(new URLSearchParams(paramsOf(divided(week, 4), 0)).get("windows")).toBe("4");
  expect(paramsOf(divided(week, 1), 0)).not.toContain("windows");
});

test("what holds now has no windows: dividing it asks for the last 30 days", () => {
  const now: Question = { of: "cases", days: null };
  expect(divided(now, 6)).toEqual({ of: "cases", days: 30, windows: 6 });
  expect(ofDays(divided(now, 6), null)).toEqual(now);
  expect(ofDays(divided(now, 12), 90).windows).toBe(12);
  expect(ofDays(divided(now, 12), 7).windows).toBeUndefined();
});

test("a period that figures are of is divided as it is", () => {
  const span = { from: new Date("2026-10-31T16:00:00Z"), to: new Date("2026-11-30T16:00:00Z") };
  const params = new URLSearchParams(paramsOf(divided({ of: "cases", days: null, span }, 6), 0));
  expect(params.get("windows")).toBe("6");
  expect(params.get("datetime")).toBe("2026-10-31T16:00:00.000Z/2026-11-30T16:00:00.000Z");
});

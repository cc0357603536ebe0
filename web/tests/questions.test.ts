import { expect, test } from "vitest";
import type { CatalogLayer } from "@/api";
import { countable, paramsOf, TIME } from "@/layers/questions";
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

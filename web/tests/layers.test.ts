import { expect, test } from "vitest";
import type { CatalogLayer } from "@/api";
import { formatFullTime } from "@/i18n/format";
import { areaText } from "@/layers/areas";
import { changedSince, choicesOf, colourOf } from "@/layers/catalog";
import { factsOf, titleIn } from "@/layers/facts";
import { measured } from "@/layers/quantities";

function layer(id: string, said: Partial<CatalogLayer> = {}): CatalogLayer {
  return {
    id,
    title: { zh: id, en: id },
    geometry: "point",
    sublayers: [id],
    fields: {},
    choices: {},
    has_time: false,
    style: {},
    minzoom: 0,
    maxzoom: 16,
    source: "built_in",
    origin: null,
    permission: "read_layers",
    version: 1,
    changed_at: null,
    tiles: `/api/v1/tiles/${id}/{z}/{x}/{y}.mvt`,
    features: "",
    ...said,
  };
}
const t = (key: string): string => key;

test("what the page draws by hand is not offered again, and what has no tiles is not drawn", () => {
  const choices = choicesOf([layer("cases"), layer("tracks", { tiles: null }), layer("sensors"), layer("wells", { source: "file" }), layer("density", { source: "computed" })]);
  expect(choices.map(({ overlay, group }) => [overlay.id, group])).toEqual([
    ["sensors", "builtIn"],
    ["wells", "added"],
    ["density", "computed"],
  ]);
});

test("the views of cameras are a layer of their own out of the same tiles", () => {
  const [views] = choicesOf([layer("cameras", { sublayers: ["cameras", "camera_views"] })]);
  expect(views?.overlay).toMatchObject({ id: "camera_views", sublayers: ["camera_views"], tiles: "/api/v1/tiles/cameras/{z}/{x}/{y}.mvt", opens: false });
});

test("a layer without a colour has the same one every day, and nonsense is no colour", () => {
  expect(colourOf(layer("wells"))).toBe(colourOf(layer("wells", { style: { color: "url(x)" } })));
  expect(colourOf(layer("wells", { style: { color: "#123abc" } }))).toBe("#123abc");
});

test("a layer is asked for anew when its version is another one, or when nobody counts", () => {
  const before = [layer("a"), layer("b"), layer("c", { version: null })];
  const now = [layer("a"), layer("b", { version: 2 }), layer("c", { version: null }), layer("d")];
  expect(changedSince(before, now)).toEqual(["b", "c"]);
});

test("fields stand under their own names in the order of the layer, without the empty ones", () => {
  const fields = { 深度: "Number", open: "Boolean", at: "Instant", note: "String" } as const;
  const facts = factsOf({ note: "", at: "2026-11-27T00:00:00Z", open: true, 深度: 0.1 + 0.2 }, fields, { t, wordOf: (_, __, otherwise) => otherwise, fullTime: (ms) => formatFullTime(ms, "en") });
  expect(facts.map(({ name }) => name)).toEqual(["深度", "open", "at"]);
  expect(facts.map(({ value }) => value).slice(0, 2)).toEqual(["0.3", "layers.yes"]);
});

test("a feature is called by the first usual field that says something", () => {
  expect(titleIn({ name: " ", code: "JG-1" })).toBe("JG-1");
  expect(titleIn({ depth: 3 })).toBe("");
});

test("a quantity has its unit in its name", () => {
  expect(measured("water_level_m", 0.31, t)).toBe("0.31 m");
  expect(measured("battery_pct", 88, t)).toBe("88 %");
  expect(measured("cover_open", 1, t)).toBe("layers.yes");
});

test("small areas are square metres", () => {
  expect(areaText(1234.4, "zh")).toBe("1,234 平方米");
  expect(areaText(25_000, "en")).toBe("2.5 ha");
});

import { expect, test } from "vitest";
import { Problem } from "@/api";
import { emptyWish, missingFor, orderOf } from "@/editions/orders";
import { refusalOf, replacedOf } from "@/editions/refusals";
import { formOf, mapsOf, noChoice, type UploadedLayer, ZONES } from "@/editions/upload";
import { editionsEn } from "@/i18n/editionsEn";
import { editionsZh } from "@/i18n/editionsZh";

const line: [number, number][] = [
  [118.6, 34.5],
  [118.7, 34.5],
];

test("a tool says what is missing in the order in which one does it", () => {
  expect(missingFor("split", 0, null, emptyWish())).toBe("one");
  expect(missingFor("split", 1, null, emptyWish())).toBe("line");
  expect(missingFor("split", 1, line, emptyWish())).toBeNull();
  expect(missingFor("move_border", 1, line, emptyWish())).toBe("two");
  expect(missingFor("merge", 1, null, emptyWish())).toBe("some");
  expect(missingFor("rename", 1, null, emptyWish())).toBe("words");
  expect(missingFor("change_parent", 1, null, emptyWish())).toBe("parent");
  expect(missingFor("snap", 0, null, emptyWish())).toBeNull();
});

test("what is left empty is left to the server", () => {
  expect(orderOf("split", ["A"], line, emptyWish(), 3)).toMatchObject({ kind: "split", grid: "A", codes: [], names: [], version: 3 });
  expect(orderOf("merge", ["A", "B"], null, emptyWish(), 3)).toMatchObject({ grids: ["A", "B"], name: null, code: null, parent: null });
});

test.each([
  [409, "edition_changed", "version", "edition_changed"],
  [422, "invalid_input", "line", "line"],
  [422, "invalid_input", "body.split.line", "line"],
  [422, "invalid_input", "something", null],
  [503, "overloaded", null, null],
])("a refusal has words: %i %s %s", (status, code, field, key) => {
  expect(refusalOf(new Problem(status, code, "", field))).toBe(key);
  if (key) expect(Object.keys(editionsEn.editions.refusal)).toContain(key);
});

test("a draft that was not made of what it would replace names that one", () => {
  const members = { came_between: [{ id: 3, name: "a" }, { id: 4, name: "b" }] };
  expect(replacedOf(new Problem(409, "base_changed", "", "replaces", null, members))).toEqual({ id: 4, name: "b" });
  expect(replacedOf(new Problem(409, "findings", "", null, null, members))).toBeNull();
  expect(replacedOf(new Problem(409, "base_changed", ""))).toBeNull();
});

function uploaded(file: string, part: Partial<UploadedLayer>): UploadedLayer {
  const place = { layer: null, crs: "wgs84", bounds: null, features: 1, geometries: {}, vertices: 4 };
  const taken = { fields: [], columns: {}, levels: [], rows: [], notes: [], is_read: true, problem: null, problem_code: null };
  return { file, ...place, ...taken, ...part };
}

test("what is said of one map goes with its name, and what is empty goes not at all", () => {
  const said = { ...noChoice(), level: "2", crs: "EPSG:4549", columns: { ...noChoice().columns, code: "dm" } };
  const form = formOf([new File(["x"], "a.shp")], { "a.shp": said, "b.shp": noChoice() }, { crs: "", level: "1" });
  expect([...form.keys()]).toEqual(["files", "level", "map"]);
  expect(JSON.parse(String(form.get("map")))).toEqual({ file: "a.shp", level: 2, crs: "EPSG:4549", code_field: "dm" });
});

test("of a file of layers the one that is read counts, and without one it must be chosen", () => {
  const town = [uploaded("town.gpkg", { layer: "a" }), uploaded("town.gpkg", { layer: "b", is_read: false, problem: "x", problem_code: "no_level" })];
  const [first] = mapsOf(town);
  expect(first?.layer?.layer).toBe("a");
  expect(first?.problem).toBeNull();
  const [second] = mapsOf([uploaded("town.gpkg", { layer: "a", is_read: false }), uploaded("town.gpkg", { layer: "b", is_read: false, problem: "x", problem_code: "no_level" })]);
  expect(second?.layer).toBeNull();
  expect(second?.problem?.code).toBe("several_layers");
});

test("the zones of CGCS2000 are those of EPSG, by their meridian", () => {
  expect(ZONES.find((zone) => zone.meridian === 120)?.crs).toBe("EPSG:4549");
  expect([ZONES[0]?.crs, ZONES.at(-1)?.crs, ZONES.at(-1)?.meridian]).toEqual(["EPSG:4534", "EPSG:4554", 135]);
});

test("every reason of a refusal has words in both languages", () => {
  expect(Object.keys(editionsZh.editions.uploadProblem).sort()).toEqual(Object.keys(editionsEn.editions.uploadProblem).sort());
});

import { expect, test } from "vitest";
import type { GridOwnership, GridProperties } from "@/api";
import { isOverdue, statesOf } from "@/cases/stages";
import { codesFor } from "@/grids/owners";
import { codesWithin, linesOf } from "@/grids/tree";
import { filterPeople, rowsOf } from "@/live/groups";
import type { Person } from "@/live/roster";
import { scaleBar } from "@/map/scale";
import { find, matches } from "@/shell/search";

function person(unit: string, name: string, state: Person["state"]): Person {
  return {
    unit,
    name,
    state,
    role: "grid_worker",
    kind: "person",
    at: "2026-11-22T00:00:00Z",
    at_ms: 0,
    accuracy_m: null,
    speed_mps: null,
    heading_deg: null,
    altitude_m: null,
    battery_pct: null,
    stale_after_s: 120,
    offline_after_s: 600,
    grid: { code: "1", name: "河东一格" },
    lon: 0,
    lat: 0,
  };
}

function grid(code: string, parent: string | null, name: string): GridProperties {
  return { code, parent, name, level: 1, edition: 1, area_m2: 1, in_scope: true, owner: null };
}

test("the list begins with those who need somebody", () => {
  const rows = rowsOf([person("a", "李", "still"), person("b", "王", "sos")], new Set(), "zh");
  expect(rows.map((row) => (row.kind === "heading" ? row.state : row.person.unit))).toEqual(["sos", "b", "still", "a"]);
});

test("a folded group keeps its heading and its count", () => {
  expect(rowsOf([person("a", "李", "still")], new Set(["still"]), "zh")).toEqual([
    { kind: "heading", state: "still", count: 1, folded: true },
  ]);
});

test("people are found by name, number, grid and the words shown", () => {
  const people = [person("GW-001", "李伟", "still"), person("GW-002", "王芳", "still")];
  expect(filterPeople(people, "gw-002", () => []).map((one) => one.name)).toEqual(["王芳"]);
  expect(filterPeople(people, "河东 李", () => []).map((one) => one.name)).toEqual(["李伟"]);
  expect(filterPeople(people, "静止", () => ["静止"])).toHaveLength(2);
});

test("every word must be found", () => {
  expect(matches("a b", ["xa", "by", null])).toBe(true);
  expect(matches("a c", ["xa", "by"])).toBe(false);
});

test("only the grids that are meant are listed, and what leads to them", () => {
  const top = grid("1", null, "河东");
  const children = new Map([[null, [top]], ["1", [grid("11", "1", "一格"), grid("12", "1", "二格")]]]);
  const codes = (text: string) => linesOf(children, new Set(), text, new Set(["12"])).map((line) => line.grid.code);
  expect(codes("")).toEqual(["1", "12"]);
  expect(codes("一格")).toEqual([]);
});

test("a grid is without an owner while its post is vacant or its holder away, also with a deputy", () => {
  const of = (code: string, staffing: GridOwnership["staffing"], has_deputy = false): GridOwnership => ({
    grid: { code, name: code },
    parent: null,
    staffing,
    has_deputy,
    changes_at: null,
    owner: { staff: null, name: null, role: "dispatcher", reason: "dispatch_queue", grid: null },
  });
  const items = [of("1", "held"), of("2", "ending"), of("3", "on_leave"), of("4", "vacant"), of("5", "vacant", true)];
  const counts = { grids: 5, held: 1, ending: 1, on_leave: 1, vacant: 2, ownerless: 3, with_deputy: 1, queued: 5 };
  const owners = { at: "2026-11-22T00:00:00Z", counts, items };
  expect([...(codesFor("ownerless", owners) ?? [])]).toEqual(["3", "4", "5"]);
  expect([...(codesFor("ending", owners) ?? [])]).toEqual(["2"]);
  expect(codesFor("all", owners)).toBeUndefined();
});

test("the search finds people first and stops at its limit", () => {
  const people = Array.from({ length: 9 }, (_, i) => person(`u${i}`, "河东", "still"));
  const found = find("河东", { people, grids: [grid("1", null, "河东")], cases: [], cameras: [], facilities: [] });
  expect(found).toHaveLength(8);
  expect(found[0]?.kind).toBe("unit");
});

test("the search finds cameras and facilities too", () => {
  const nowhere = { people: [], grids: [], cases: [] };
  const found = find("桥头", { ...nowhere, cameras: [{ id: "c1", name: "桥头枪机" }], facilities: [{ id: "f1", name: "桥头公厕" }] });
  expect(found.map(({ kind, id }) => [kind, id])).toEqual([
    ["camera", "c1"],
    ["facility", "f1"],
  ]);
});

const children = new Map([
  [null, [grid("1", null, "镇")]],
  ["1", [grid("11", "1", "河东"), grid("12", "1", "石桥")]],
  ["11", [grid("111", "11", "河东一格")]],
]);

test("the tree shows what is open", () => {
  expect(linesOf(children, new Set(["1"]), "").map((line) => [line.grid.code, line.depth])).toEqual([["1", 0], ["11", 1], ["12", 1]]);
});

test("a search in the tree shows what leads to what it found", () => {
  expect(linesOf(children, new Set(), "一格").map((line) => line.grid.code)).toEqual(["1", "11", "111"]);
});

test("a grid holds itself and everything below", () => {
  expect([...codesWithin(children, "11")]).toEqual(["11", "111"]);
});

test("a closed case is never overdue, nor one that waits for its check", () => {
  const due_at = "2026-11-22T00:00:00Z";
  const later = Date.parse(due_at) + 1;
  expect(isOverdue({ state: "in_progress", due_at }, later)).toBe(true);
  expect(isOverdue({ state: "post_check", due_at }, later)).toBe(false);
  expect(isOverdue({ state: "closed", due_at }, later)).toBe(false);
  expect(isOverdue({ state: "filed", due_at: null }, later)).toBe(false);
});

test("open and closed together are all", () => {
  expect([...statesOf("open"), ...statesOf("closed")].sort()).toEqual(statesOf("all").sort());
});

test("a scale bar is round and fits", () => {
  expect(scaleBar(4.2)).toMatchObject({ length_m: 200 });
  expect(scaleBar(4.2).width_px).toBeLessThanOrEqual(96);
  expect(scaleBar(0.9).length_m).toBe(50);
});

import { expect, test } from "vitest";
import { gridsOf } from "@/settings/roles";

const worker = { role: "grid_worker", grid: null };

test("a role for everything needs no grid", () => {
  expect(gridsOf({ role: "analyst", grid: null }, [])).toBeNull();
});

test("the grids are those of the posts and the account's own, each once", () => {
  const posts = [
    { role: "grid_worker", grid: "A" },
    { role: "liaison", grid: "B" },
  ];
  expect(gridsOf({ ...worker, grid: "A" }, posts)).toEqual(["A", "B"]);
});

test("a post without a grid is everything for a dispatcher and nothing for others", () => {
  expect(gridsOf(worker, [{ role: "dispatcher", grid: null }])).toBeNull();
  expect(gridsOf({ role: "department_handler", grid: null }, [{ role: "department_handler", grid: null }])).toEqual([]);
});

import { expect, test } from "vitest";
import type { Department } from "@/api";
import { changedIn, isRenamed, namesOf, renamed } from "@/settings/categories/department";

const before: Department = { code: "roads", name: { zh: "公路站", en: "Roads" }, active: true, version: "1" };

test("without an English name it has the Chinese one, which is no change where it had it before", () => {
  expect(isRenamed(before, { zh: " 公路站 ", en: "Roads" })).toBe(false);
  expect(isRenamed(before, { zh: "公路站", en: "" })).toBe(true);
  expect(isRenamed({ ...before, name: { zh: "公路站", en: "公路站" } }, { zh: "公路站", en: "" })).toBe(false);
});

test("what others changed is named", () => {
  expect(changedIn(before, before)).toEqual([]);
  expect(changedIn(before, { ...before, active: false, name: { zh: "公路所", en: "Roads" } })).toEqual(["title_zh", "active"]);
});

test("only what the viewer wrote is put upon what others made of it", () => {
  const now = { ...before, name: { zh: "公路所", en: "Highways" } };
  expect(renamed(before, now, { ...namesOf(before), en: "Road office" })).toEqual({ zh: "公路所", en: "Road office" });
});

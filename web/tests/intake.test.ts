import { describe, expect, it } from "vitest";
import type { CaseImport } from "@/api";
import { mappingOf, together } from "@/cases/intake/list";

const part = (more: Partial<CaseImport>): CaseImport => ({
  preview: false,
  source: "hotline",
  history: false,
  columns: {},
  ignored: [],
  header: [],
  missing: [],
  rows: 0,
  new: 0,
  kept: 0,
  changed: 0,
  due_moved: 0,
  unchanged: 0,
  outside: 0,
  refused: 0,
  unknown_categories: [],
  problems: [],
  cases: [],
  next_row: null,
  ...more,
});

describe("what the columns are taken for", () => {
  it("is said where somebody chose a column, and a field that is left out leaves its column out", () => {
    expect(mappingOf({ number: "工单号", reporter: "" }, { reporter: "姓名" })).toEqual(["工单号=number", "姓名="]);
  });

  it("does not leave out a column that was chosen for another field", () => {
    expect(mappingOf({ description: "", category: "标题" }, { description: "标题" })).toEqual(["标题=category"]);
  });
});

describe("parts of a list", () => {
  it("add up", () => {
    const first = part({ rows: 2, new: 1, refused: 1, next_row: 3, unknown_categories: [{ said: "巷道", count: 1, category: "other" }] });
    const second = part({ rows: 1, unchanged: 1, unknown_categories: [{ said: "巷道", count: 2, category: "other" }] });
    const whole = together(first, second);
    expect([whole.rows, whole.new, whole.unchanged, whole.refused, whole.next_row]).toEqual([3, 1, 1, 1, null]);
    expect(whole.unknown_categories).toEqual([{ said: "巷道", count: 3, category: "other" }]);
  });
});

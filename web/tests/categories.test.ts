import { expect, test } from "vitest";
import type { Category } from "@/api";
import { grouped, saidIn } from "@/cases/categories";

function category(code: string, parent: string | null, selectable: boolean): Category {
  return {
    code,
    parent,
    selectable,
    number: "0",
    kind: "event",
    urgent: false,
    department: null,
    photos: [],
    dispatch: "grid",
    active: true,
    fields: [],
    aliases: [],
    origin: "built_in",
    version: "1",
    title: { zh: code, en: code },
    term: { rule: "1d", zh: "", en: "" },
  };
}

test("what may be chosen stands below its main category, and what is retired nowhere", () => {
  const groups = grouped([
    category("facility", null, false),
    category("facility.lamp", "facility", true),
    category("facility.phone", "facility", false),
    category("closed", null, false),
    category("closed.all", "closed", false),
    category("other", null, true),
  ]);
  expect(groups.map(({ main, choices }) => [main.code, choices.map(({ code }) => code)])).toEqual([
    ["facility", ["facility.lamp"]],
    ["other", ["other"]],
  ]);
});

test("what is said in the fields of a category leaves out what is empty or belongs to another", () => {
  const plate = { code: "plate", title: { zh: "车牌号", en: "Plate" }, kind: "text" as const, required: true, choices: [] };
  expect(saidIn([plate, { ...plate, code: "lane" }], { plate: " 苏G1 ", lane: " ", pole: "12" })).toEqual({ plate: "苏G1" });
});

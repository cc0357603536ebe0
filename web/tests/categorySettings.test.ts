import { expect, test } from "vitest";
import type { Category, StaffFile } from "@/api";
import { bodyOf, linesIn, codeBelow, differing, draftOf, emptyField, faultOf, isTouched, newCategory, rebased, takenAlias, termOf, withAlias } from "@/settings/categories/draft";
import { categoriesOf, membersOf } from "@/settings/categories/members";
import { branchesOf, isShown } from "@/settings/categories/tree";

function category(code: string, changes: Partial<Category> = {}): Category {
  const parent = code.includes(".") ? code.slice(0, code.indexOf(".")) : null;
  return {
    code,
    parent,
    selectable: true,
    number: "0101",
    kind: "part",
    urgent: false,
    department: null,
    photos: ["after", "before"],
    dispatch: "grid",
    active: true,
    fields: [],
    aliases: [],
    title: { zh: "路灯损坏", en: "Broken street lamp" },
    term: { rule: "3d", zh: "3 个自然日", en: "3 days" },
    origin: "built_in",
    version: "1",
    ...changes,
  };
}

const codes = (branches: ReturnType<typeof branchesOf>): string[] => branches.map((branch) => branch.category.code);
const tree = [category("facility"), category("facility.lamp"), category("facility.road"), category("order"), category("order.stall"), category("other")];

test("what matches stands below its main category, which says how many it has", () => {
  const branches = branchesOf(tree, ({ code }) => code === "facility.road", new Set());
  expect(codes(branches)).toEqual(["facility", "facility.road"]);
  expect(branches[0]).toMatchObject({ divided: true, below: 1 });
});

test("a main category that is found stands there without what does not match", () => {
  expect(codes(branchesOf(tree, ({ code }) => code === "order", new Set()))).toEqual(["order"]);
});

test("a folded main category keeps its subcategories to itself", () => {
  const branches = branchesOf(tree, () => true, new Set(["facility"]));
  expect(codes(branches)).toEqual(["facility", "order", "order.stall", "other"]);
  expect(branches.map(({ divided, below }) => [divided, below])).toEqual([[true, 2], [true, 1], [false, 0], [false, 0]]);
});

test("one is found by its code, either name, its term, and what it goes to", () => {
  const one = category("facility.lamp");
  expect(["lamp", "路灯", "STREET", "3 days", "公路站"].filter((text) => isShown(one, text, "all", ["公路站"]))).toHaveLength(5);
  expect(isShown(one, "手推车", "all")).toBe(false);
});

test("what is not as built in, and what is retired, can be asked for", () => {
  const kinds = [category("a"), category("b", { origin: "added" }), category("c", { origin: "changed", active: false })];
  expect(kinds.filter((one) => isShown(one, "", "differing")).map(({ code }) => code)).toEqual(["b", "c"]);
  expect(kinds.filter((one) => isShown(one, "", "retired")).map(({ code }) => code)).toEqual(["c"]);
});

test("a term is an amount and a unit", () => {
  expect(["4h", "3d", "2wh", "5wd", "5wdh"].map(termOf)).toEqual([
    { amount: 4, unit: "h" },
    { amount: 3, unit: "d" },
    { amount: 2, unit: "wh" },
    { amount: 5, unit: "wd" },
    { amount: 5, unit: "wdh" },
  ]);
});

test("a category that nobody has touched has nothing to save, and what is touched is named", () => {
  const plate = { code: "plate", title: { zh: "车牌号", en: "Plate" }, kind: "choice" as const, required: true, choices: ["苏G", "苏A"] };
  const before = category("facility.lamp", { fields: [plate] });
  const draft = draftOf(before);
  expect(isTouched(before, draft)).toBe(false);
  draft.unit = "wd";
  draft.photos = ["before"];
  expect(isTouched(before, draft)).toBe(true);
  expect(bodyOf(draft)).toMatchObject({ parent: "facility", kind: null, term: "3wd", photos: ["before"], fields: [{ code: "plate", choices: ["苏G", "苏A"] }] });
  expect(differing(before, category("facility.lamp", { term: { rule: "1d", zh: "", en: "" }, fields: [plate] }))).toEqual(["term"]);
});

test("what the viewer has changed is kept upon what somebody else has changed", () => {
  const before = category("facility.lamp");
  const now = category("facility.lamp", { urgent: true, term: { rule: "5wd", zh: "", en: "" }, photos: [], version: "2" });
  const title = { ...draftOf(before), title_en: "Lamp" };
  expect(bodyOf(rebased(before, now, title))).toMatchObject({ title_en: "Lamp", term: "5wd", urgent: true, photos: [] });
  const term = { ...draftOf(before), amount: 2 };
  expect(bodyOf(rebased(before, now, term))).toMatchObject({ title_en: "Broken street lamp", term: "2d", urgent: true });
});

test("a new main category has a kind, and the number that the server finds", () => {
  const draft = { ...draftOf(null), code: " drains ", title_zh: "排水" };
  expect(newCategory(draft)).toMatchObject({ code: "drains", parent: null, number: null, kind: "event", title_en: null, term: "3d" });
});

test("a code follows the main category that is chosen", () => {
  expect(codeBelow("", "safety")).toBe("safety.");
  expect(codeBelow("safety.", "order")).toBe("order.");
  expect(codeBelow("charging", "safety")).toBe("safety.charging");
  expect(codeBelow("safety.charging", null)).toBe("charging");
});

test("a field says what is wrong with it", () => {
  const first = { ...emptyField([]), title_zh: "车牌号" };
  const second = { ...emptyField([first]), title_zh: "车道" };
  expect([first, second].map((one) => faultOf(one, [first, second]))).toEqual([null, null]);
  expect(faultOf({ ...first, title_zh: " " }, [first])).toBe("title");
  expect(faultOf({ ...first, code: "车牌" }, [])).toBe("code");
  const twice = { ...second, code: first.code };
  expect(faultOf(twice, [first, twice])).toBe("twice");
  expect(faultOf({ ...first, kind: "choice", choices: " \n" }, [])).toBe("choices");
  expect(linesIn(" 人行道 \n\n车道")).toEqual(["人行道", "车道"]);
});

test("members of a department are those with a post in it, and its categories those in use first", () => {
  const post = (id: number, department: string | null) => ({ id, role: "department_handler", grid: null, is_deputy: false, department, from: "2026-11-20T00:00:00Z", to: null });
  const staff: StaffFile[] = [
    { id: 1, name: "王芳", phone: null, identity_number: null, posts: [post(1, "roads"), post(2, "water")], units: [] },
    { id: 2, name: "李强", phone: null, identity_number: null, posts: [post(3, null)], units: [] },
  ];
  expect(membersOf(staff, "roads").map(({ member, post: held }) => [member.name, held.id])).toEqual([["王芳", 1]]);
  const sent = [category("a", { department: "roads", active: false }), category("b", { department: "roads" }), category("c")];
  expect(categoriesOf(sent, "roads").map(({ code }) => code)).toEqual(["b", "a"]);
});

test("an alias that another category has is found, however it is written", () => {
  const categories = [category("facility.lamp", { aliases: ["ＬＥＤ 灯不亮"] }), category("facility.road"), category("facility", { selectable: false, title: { zh: "设施", en: "Facilities" } })];
  const draft = { ...draftOf(category("order.stall")), aliases: "摊贩\n led  灯不亮 " };
  expect(takenAlias(draft, categories)).toEqual({ alias: "led  灯不亮", by: categories[0] });
  expect(takenAlias({ ...draft, aliases: "broken street LAMP" }, categories)?.by.code).toBe("facility.lamp");
  expect(takenAlias({ ...draft, aliases: "设施\n\n摊贩" }, categories)).toBeNull();
});

test("a further alias leaves all else as it is", () => {
  const lamp = category("facility.lamp", { aliases: ["灯不亮"] });
  expect(withAlias(lamp, "灯坏了")).toEqual({ ...bodyOf(draftOf(lamp)), aliases: ["灯不亮", "灯坏了"], version: "1" });
});

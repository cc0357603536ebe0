import { expect, test } from "vitest";
import type { Case } from "@/api";
import { askedFor, type Choice, inOrder, isChosen, kindsFor } from "@/cases/choosing";
import { foundCase } from "@/shell/search";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const CHOICE: Choice = { filter: "open", only: [], order: "newest", text: "" };

function caseOf(given: Partial<Case>): Case {
  return { id: 1, state: "in_progress", urgent: false, supervised_at: null, due_at: null, owner: null, ...given } as Case;
}

test("kinds narrow a list together, within the states that are chosen", () => {
  const late = caseOf({ due_at: "2026-11-27T11:00:00Z", supervised_at: "2026-11-27T11:30:00Z" });
  const chosen = (given: Partial<Choice>, one = late): boolean => isChosen(one, { ...CHOICE, ...given }, NOW, null);
  expect(chosen({})).toBe(true);
  expect(chosen({ only: ["overdue", "supervised"] })).toBe(true);
  expect(chosen({ only: ["overdue", "urgent"] })).toBe(false);
  expect(chosen({ filter: "closed" })).toBe(false);
  expect(chosen({ only: ["supervised"] }, caseOf({}))).toBe(false);
});

test("mine is what one owns, and nobody has a choice of it who is not on the staff", () => {
  const mine = { ...CHOICE, only: ["mine" as const] };
  const with7 = caseOf({ owner: { staff: 7, name: "李伟", role: "grid_worker" } });
  expect(isChosen(with7, mine, NOW, 7)).toBe(true);
  expect(isChosen(with7, mine, NOW, 8)).toBe(false);
  expect(isChosen(caseOf({}), mine, NOW, null)).toBe(false);
  expect(kindsFor(7)).toContain("mine");
  expect(kindsFor(null)).not.toContain("mine");
  expect(askedFor(mine, true, true)).toMatchObject({ owner: "me" });
});

test("by deadline the nearest comes first, then what has none, then what is handled", () => {
  const checked = caseOf({ id: 4, state: "post_check", due_at: "2026-11-20T00:00:00Z" });
  const cases = [checked, caseOf({ id: 1 }), caseOf({ id: 2, due_at: "2026-11-28T00:00:00Z" }), caseOf({ id: 3, due_at: "2026-11-27T00:00:00+08:00" })];
  expect(inOrder(cases, "due").map(({ id }) => id)).toEqual([3, 2, 1, 4]);
  expect(inOrder(cases, "newest")).toEqual(cases);
});

test("the server is asked for what the page does not have", () => {
  const typed = { ...CHOICE, filter: "all" as const, text: "AH20261128-0301" };
  expect(askedFor(CHOICE, true, true)).toBeNull();
  expect(askedFor(typed, true, false)).toBeNull();
  expect(askedFor(typed, false, false)).toEqual({ q: "AH20261128-0301", sort: "newest", limit: 200 });
  expect(askedFor({ ...CHOICE, only: ["urgent"], order: "due" }, true, false)).toBeNull();
  expect(askedFor({ ...CHOICE, filter: "new", only: ["urgent"], order: "due" }, true, true)).toEqual({
    state: ["reported", "pre_check", "filed", "returned"],
    urgent: true,
    sort: "due",
    limit: 200,
  });
});

test("whether a case that is over was late, only the server can tell", () => {
  expect(askedFor({ ...CHOICE, only: ["overdue"] }, true, false)).toBeNull();
  expect(askedFor({ ...CHOICE, filter: "all", only: ["overdue"] }, true, false)).toEqual({ overdue: true, sort: "newest", limit: 200 });
});

test("a case that is found says the number of its ticket", () => {
  const one = caseOf({ number: "AH20261122-0001", external_number: "GD-7", description: "井盖松动" });
  expect(foundCase(one)).toEqual({ kind: "case", id: "1", title: "AH20261122-0001", note: "GD-7 · 井盖松动" });
});

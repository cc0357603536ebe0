import { expect, test } from "vitest";
import { Problem } from "@/api";
import { emptyWish, missingFor, orderOf } from "@/editions/orders";
import { refusalOf } from "@/editions/refusals";
import { editionsEn } from "@/i18n/editionsEn";

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

import { expect, test } from "vitest";
import { Problem } from "@/api";
import { isMasked, MOST, reasonOf, wantsReason } from "@/reason/reasons";

test("a cause, a text, or both make a reason", () => {
  expect(reasonOf("核对考勤", "")).toBe("核对考勤");
  expect(reasonOf(null, " AJ-017 ")).toBe("AJ-017");
  expect(reasonOf("案件调查", "AJ-017")).toBe("案件调查: AJ-017");
});

test("nothing, or a single letter, is no reason", () => {
  expect(reasonOf(null, "  ")).toBeNull();
  expect(reasonOf(null, "x")).toBeNull();
});

test("a reason is never longer than the server takes", () => {
  expect(reasonOf("核对考勤", "很".repeat(500))).toHaveLength(MOST);
});

test("only the server's question for a reason asks for one", () => {
  expect(wantsReason(new Problem(422, "reason_required", "", "reason"))).toBe(true);
  expect(wantsReason(new Problem(422, "invalid_input", "", "from"))).toBe(false);
  expect(wantsReason(null)).toBe(false);
});

test("a masked number is told from a whole one", () => {
  expect(isMasked("138****1234")).toBe(true);
  expect(isMasked("13812341234")).toBe(false);
  expect(isMasked(null)).toBe(false);
});

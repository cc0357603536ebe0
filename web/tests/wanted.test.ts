import { expect, test } from "vitest";
import { missing, nothingWanted, orderOf } from "@/cases/wanted";

test("an action is sent with what it takes and nothing else", () => {
  const wanted = { ...nothingWanted(), staff: 5, until: "2026-12-01", rating: "satisfied" as const };
  expect(orderOf("accept", wanted)).toEqual({});
  expect(orderOf("dispatch", wanted)).toEqual({ staff: 5 });
  expect(orderOf("dispatch", { ...wanted, force: true })).toEqual({ force: true });
  expect(orderOf("correct", { ...wanted, place: [118.6, 34.5] })).toEqual({ lon: 118.6, lat: 34.5 });
  expect(orderOf("close", wanted)).toEqual({ rating: "satisfied" });
  expect(orderOf("ask_hold", wanted).until).toBe(new Date("2026-12-01T23:59:59").toISOString());
});

test("what an action cannot do without is asked for", () => {
  expect(missing("merge", nothingWanted())).toBe("into");
  expect(missing("ask_hold", nothingWanted())).toBe("until");
  expect(missing("close", nothingWanted())).toBeNull();
  expect(missing("correct", nothingWanted())).toBe("place");
  expect(missing("correct", { ...nothingWanted(), category: "other" })).toBeNull();
  expect(missing("merge", { ...nothingWanted(), into: 3 })).toBeNull();
});

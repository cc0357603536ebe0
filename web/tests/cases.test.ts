import { expect, test } from "vitest";
import type { Case } from "@/api";
import { merged } from "@/cases/book";
import { ownerName } from "@/cases/owner";

test("of two of the same case the later version stays", () => {
  const one = (id: number, version: number): Case => ({ id, version, reported_at: `2026-11-2${id}` }) as Case;
  expect(merged([one(1, 3), one(2, 5)], [one(1, 4), one(2, 4), one(3, 1)])).toEqual([one(3, 1), one(2, 5), one(1, 4)]);
});

test("what nobody on the staff has is the desk's, or the county's", () => {
  const named = (one: Partial<Case>): string => ownerName({ owner: null, owner_reason: null, tier: null, ...one }, (key) => key);
  expect(named({})).toBe("cases.notYet");
  expect(named({ owner_reason: "dispatch_queue", tier: "town" })).toBe("cases.nobody");
  expect(named({ owner_reason: "escalated", tier: "town" })).toBe("cases.nobody");
  expect(named({ owner_reason: "escalated", tier: "county" })).toBe("tier.county");
});

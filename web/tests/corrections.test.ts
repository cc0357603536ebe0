import { expect, test } from "vitest";
import { movedBy, placeOf, statusOf, toldBy } from "@/cases/corrections";

test("a correction is read as what it says and a restatement as what the ticket said", () => {
  const corrected = { classified: { category: "facility.lamp", urgent: false }, place: { lon: 118.6, lat: 34.5, placement: {} }, description: null };
  expect(toldBy({ action: "correct", details: corrected })).toEqual({ category: "facility.lamp", called: null, place: [118.6, 34.5], description: null, due: null });
  const restated = { category: null, called: "井盖", place: null, description: "没了" };
  expect(toldBy({ action: "restate", details: restated })).toEqual({ ...restated, due: null });
  const nothing = { category: null, called: null, place: null, description: null };
  expect(toldBy({ action: "reschedule", details: { external_due_at: "2026-11-27T00:00:00Z", due: null } })).toEqual({ ...nothing, due: Date.UTC(2026, 10, 27) });
  expect(toldBy({ action: "comment", details: {} })).toBeNull();
});

test("of a case that was taken over it is told how it stood where it came from", () => {
  expect(statusOf({ action: "import", details: { status: "Closed", filed: null, due_at: null } })).toBe("Closed");
  expect(statusOf({ action: "import", details: { status: null } })).toBeNull();
  expect(statusOf({ action: "file", details: { status: "Closed" } })).toBeNull();
});

test("a place has both coordinates, and a distance from its case", () => {
  expect(placeOf({ lon: null, lat: null })).toBeNull();
  expect(placeOf({ lon: 118.6, lat: 34.5 })).toEqual([118.6, 34.5]);
  expect(movedBy({ lon: 118.6, lat: 34.5 }, [118.61, 34.5])).toBeCloseTo(916, -1);
});

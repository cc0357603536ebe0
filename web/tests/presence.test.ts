import { expect, test } from "vitest";
import { isFeedOld, type Reported, stateAt } from "@/live/presence";

const thresholds = { moving_mps: 0.5, stale_s: 300, offline_s: 1800 };
const moving: Reported = { state: "moving", speed_mps: 1.2, at_ms: 0, stale_after_s: 300, offline_after_s: 1800 };
const after = (seconds: number): number => seconds * 1000;

test("a fresh position is as the server said", () => {
  expect(stateAt(moving, after(10), thresholds)).toBe("moving");
  expect(stateAt({ ...moving, state: "still" }, after(10), thresholds)).toBe("still");
});

test("silence makes it stale, then offline, when the server says", () => {
  expect(stateAt(moving, after(299), thresholds)).toBe("moving");
  expect(stateAt(moving, after(300), thresholds)).toBe("stale");
  expect(stateAt(moving, after(1800), thresholds)).toBe("offline");
});

test("a device that reports seldom may be silent for longer", () => {
  const seldom: Reported = { ...moving, stale_after_s: 750 };
  expect(stateAt(seldom, after(749), thresholds)).toBe("moving");
  expect(stateAt(seldom, after(750), thresholds)).toBe("stale");
});

test("an SOS stands longer than silence makes stale, but not for ever", () => {
  expect(stateAt({ ...moving, state: "sos" }, after(600), thresholds)).toBe("sos");
  expect(stateAt({ ...moving, state: "sos" }, after(1000), thresholds)).toBe("stale");
});

test("being off duty does not age away", () => {
  expect(stateAt({ ...moving, state: "off_duty" }, after(100_000), thresholds)).toBe("off_duty");
});

test("what was reported stale but is fresh goes by its speed", () => {
  expect(stateAt({ ...moving, state: "stale" }, after(10), thresholds)).toBe("moving");
  expect(stateAt({ ...moving, state: "stale", speed_mps: null }, after(10), thresholds)).toBe("still");
});

test("the feed is old when even its newest position is stale", () => {
  expect(isFeedOld(0, after(299), thresholds)).toBe(false);
  expect(isFeedOld(0, after(300), thresholds)).toBe(true);
});

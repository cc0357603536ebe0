import { expect, test } from "vitest";
import { advance, type Clock, faster, toggle } from "@/replay/clock";
import { laneOf, ticksOf } from "@/replay/strip";

const span = { from: 1_000_000, to: 2_000_000 };
const clock: Clock = { span, at: span.from, speed: 60, playing: true };

test("a second at 60 times is a minute", () => {
  expect(advance(clock, 1000).at).toBe(span.from + 60_000);
});

test("it stops by itself at the end", () => {
  expect(advance({ ...clock, at: span.to - 1 }, 1000)).toMatchObject({ at: span.to, playing: false });
});

test("a paused clock stands", () => {
  expect(advance({ ...clock, playing: false }, 1000).at).toBe(clock.at);
});

test("starting at the end begins again", () => {
  expect(toggle({ ...clock, at: span.to, playing: false })).toMatchObject({ at: span.from, playing: true });
});

test("speeds step through the list and stay in it", () => {
  expect(faster(60, 1)).toBe(120);
  expect(faster(1, -1)).toBe(1);
  expect(faster(300, 1)).toBe(300);
});

test("a lane places stops and gaps in parts of the whole", () => {
  const lane = laneOf(
    {
      unit: "GW-001",
      name: "王芳",
      t: Float64Array.of(1_100_000, 1_600_000),
      lon: Float64Array.of(0, 0),
      lat: Float64Array.of(0, 0),
      stops: [{ from: 1_200_000, to: 1_300_000 }],
      gaps: [],
    },
    span,
  );
  expect(lane).toMatchObject({ left_pct: 10, width_pct: 50, blocks: [{ kind: "stop", left_pct: 20, width_pct: 10 }] });
});

test("ticks are round times, and few", () => {
  const from = new Date("2026-11-22T08:07:00").getTime();
  const ticks = ticksOf({ from, to: from + 5 * 3_600_000 });
  expect(ticks.length).toBeLessThanOrEqual(8);
  expect(ticks.every((tick) => new Date(tick).getMinutes() === 0)).toBe(true);
});

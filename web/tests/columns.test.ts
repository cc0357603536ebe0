import { describe, expect, test } from "vitest";
import type { ReplayColumns } from "@/api";
import { decode, spanOf } from "@/replay/columns";
import { momentAt, tailAt } from "@/replay/interpolate";
import { piecesOf } from "@/replay/pieces";

const T0 = Date.parse("2026-11-22T00:00:00Z");
const MINUTE = 60_000;

function columns(part: Partial<ReplayColumns>): ReplayColumns {
  return { unit: "GW-001", name: "王芳", role: "grid_worker", kind: "person", t: [], lon: [], lat: [], stops: [], ...part };
}

/** East for a minute, then silent for ten, then north for a minute. */
const walk = decode(
  columns({
    t: [MINUTE, MINUTE, 10 * MINUTE, MINUTE],
    lon: [113_000_000, 1000, 0, 0],
    lat: [28_000_000, 0, 0, 1000],
  }),
  T0,
);

describe("decoding", () => {
  test("the first entry is absolute and the rest are differences", () => {
    expect([...walk.t]).toEqual([1, 2, 12, 13].map((minutes) => T0 + minutes * MINUTE));
    expect([...walk.lon]).toEqual([113, 113.001, 113.001, 113.001]);
    expect([...walk.lat]).toEqual([28, 28, 28, 28.001]);
  });

  test("a day of differences does not drift", () => {
    const many = 86_400;
    const { lon } = decode(
      columns({ t: Array(many).fill(1000), lon: [113_000_000, ...Array(many - 1).fill(1)], lat: Array(many).fill(0) }),
      T0,
    );
    expect(lon.at(-1)).toBeCloseTo(113.086399, 9);
  });

  test("silence of more than five minutes is a gap", () => {
    expect(walk.gaps).toEqual([{ from: T0 + 2 * MINUTE, to: T0 + 12 * MINUTE }]);
  });

  test("the span of several goes from the first fix of all to the last", () => {
    const other = decode(columns({ t: [0, 5 * MINUTE], lon: [0, 0], lat: [0, 0] }), T0);
    expect(spanOf([walk, other])).toEqual({ from: T0, to: T0 + 13 * MINUTE });
  });

  test("nothing recorded has no span", () => {
    expect(spanOf([decode(columns({}), T0)])).toBeNull();
  });
});

describe("where a unit was", () => {
  test("between two fixes in proportion to the time", () => {
    const moment = momentAt(walk, T0 + 1.25 * MINUTE);
    expect(moment?.lon).toBeCloseTo(113.00025, 9);
    expect(moment?.known).toBe(true);
  });

  test("it heads where it goes", () => {
    expect(momentAt(walk, T0 + 1.5 * MINUTE)?.heading_deg).toBeCloseTo(90);
    expect(momentAt(walk, T0 + 12.5 * MINUTE)?.heading_deg).toBeCloseTo(0);
  });

  test("a standing receiver's scatter is not a heading", () => {
    const still = decode(columns({ t: [0, 10_000], lon: [0, 3], lat: [0, -4] }), T0);
    expect(momentAt(still, T0 + 5000)?.heading_deg).toBeNull();
  });

  test("inside a gap it stays at the last place known, and says so", () => {
    expect(momentAt(walk, T0 + 7 * MINUTE)).toEqual({ lon: 113.001, lat: 28, heading_deg: null, known: false });
  });

  test("before its first fix it is nowhere", () => {
    expect(momentAt(walk, T0)).toBeNull();
  });

  test("at its last fix it is known, and afterwards no more", () => {
    expect(momentAt(walk, T0 + 13 * MINUTE)?.known).toBe(true);
    expect(momentAt(walk, T0 + 14 * MINUTE)?.known).toBe(false);
  });
});

describe("lines", () => {
  test("a day is broken at its gaps", () => {
    expect(piecesOf(walk)).toEqual([
      [[113, 28], [113.001, 28]],
      [[113.001, 28], [113.001, 28.001]],
    ]);
  });

  test("a tail ends at the moment and does not cross a gap", () => {
    const [tail, ...others] = tailAt(walk, T0 + 12.5 * MINUTE, 5 * MINUTE);
    expect(others).toEqual([]);
    expect(tail?.[0]).toEqual([113.001, 28]);
    expect(tail?.at(-1)?.[1]).toBeCloseTo(28.0005, 9);
  });
});

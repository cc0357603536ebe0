import { expect, test } from "vitest";
import type { Figure, Ranking } from "@/api";
import { levelOfCell } from "@/figures/cells";
import { countingOf, isChanged, isUsual, limitsOf, movesOf, standingOf, sumOf, valueOf, weightsText } from "@/figures/limits";
import { readFiguresLink, usualFigures, writeFiguresLink } from "@/figures/link";
import { type Chosen, daysOf, periodOf, type PeriodName } from "@/figures/period";
import { pathOf, trendLines } from "@/figures/trend";
import { isBetter, shareText } from "@/figures/words";

/** A Friday; in China it is 00:30 on the 28th already. */
const NOW = Date.parse("2026-11-27T16:30:00Z");
const days = (name: PeriodName, back = 0, own: Partial<Chosen> = {}): readonly string[] | null => {
  const period = periodOf({ name, back, from: "", to: "", ...own }, NOW);
  return period && daysOf(period);
};

test("periods are those of China, from midnight to midnight", () => {
  expect(periodOf({ name: "today", back: 0, from: "", to: "" }, NOW)?.from.toISOString()).toBe("2026-11-27T16:00:00.000Z");
  expect(days("today")).toEqual(["2026-11-28", "2026-11-28"]);
  expect(days("week")).toEqual(["2026-11-23", "2026-11-29"]);
  expect(days("month")).toEqual(["2026-11-01", "2026-11-30"]);
  expect(days("quarter")).toEqual(["2026-10-01", "2026-12-31"]);
  expect(days("year")).toEqual(["2026-01-01", "2026-12-31"]);
});

test("one steps back over the ends of months and years", () => {
  expect(days("week", 4)).toEqual(["2026-10-26", "2026-11-01"]);
  expect(days("month", 11)).toEqual(["2025-12-01", "2025-12-31"]);
  expect(days("quarter", 4)).toEqual(["2025-10-01", "2025-12-31"]);
  expect(days("year", 1)).toEqual(["2025-01-01", "2025-12-31"]);
});

test("one's own period has its last day in it, and none the wrong way round", () => {
  expect(days("own", 0, { from: "2026-02-01", to: "2026-02-28" })).toEqual(["2026-02-01", "2026-02-28"]);
  expect(days("own", 0, { from: "2026-02-02", to: "2026-02-01" })).toBeNull();
  expect(days("own")).toBeNull();
});

test("a link shows the same figures again", () => {
  const shown = { ...usualFigures(), tab: "rankings" as const, of: "staff" as const, grid: "3207", period: { name: "week" as const, back: 2, from: "", to: "" } };
  const query = new URLSearchParams();
  writeFiguresLink(query, shown);
  expect(query.toString()).toBe("figures=rankings&of=staff&period=week&back=2&in=3207");
  expect(readFiguresLink(query)).toEqual(shown);
});

test("what cannot be read in a link is as if it were not there", () => {
  expect(readFiguresLink(new URLSearchParams("period=own&from=2026-01&back=-1&of=dogs&figures=x"))).toEqual(usualFigures());
});

test("a trend has gaps where there was nothing to count, and lies in its box", () => {
  const lines = trendLines([0.5, 1, null, 0], 30, 10);
  expect(lines.map(pathOf)).toEqual(["M0 5L10 0", "M30 10"]);
});

test("a trend that does not change lies in the middle", () => {
  expect(trendLines([3, 3], 10, 10)).toEqual([[{ x: 0, y: 5 }, { x: 10, y: 5 }]]);
  expect(trendLines([null, null], 10, 10)).toEqual([]);
});

test("a hundred percent is all of it", () => {
  expect(shareText(0.999999)).toBe("99.99 %");
  expect(shareText(911 / 972)).toBe("93.72 %");
  expect(shareText(1 / 7)).toBe("14.29 %");
  expect(shareText(0.28125)).toBe("28.13 %");
  expect(shareText(0.000001)).toBe("0.01 %");
  expect(shareText(0)).toBe("0.00 %");
  expect(shareText(1)).toBe("100.00 %");
  expect(shareText(0.57)).toBe("57.00 %");
});

test("less is better where it is said to be", () => {
  const threshold = { direction: "lower", warn: 0.05, alarm: 0.1 } as Figure["threshold"];
  expect(isBetter({ threshold }, -0.01)).toBe(true);
  expect(isBetter({ threshold }, 0.01)).toBe(false);
  expect(isBetter({ threshold }, 0)).toBeNull();
  expect(isBetter({ threshold: null }, 0.01)).toBeNull();
});

test("limits are typed in percent and hours, and saved as shares and seconds", () => {
  expect(limitsOf({ unit: "share", threshold: { direction: "higher", warn: 0.955, alarm: 0.07 } })).toEqual({ warn: 95.5, alarm: 7 });
  expect(limitsOf({ unit: "duration", threshold: { direction: "lower", warn: 5400, alarm: 86_400 } })).toEqual({ warn: 1.5, alarm: 24 });
  expect(limitsOf({ unit: "share", threshold: null })).toEqual({ warn: "", alarm: "" });
  expect([valueOf(95.5, "share"), valueOf(7, "share"), valueOf(1.5, "duration")]).toEqual([0.955, 0.07, 5400]);
});

test("a figure stands as the typed limits have it: at a limit it is not worse than it", () => {
  const limits = { warn: 90, alarm: 80 };
  expect([0.9, 0.899, 0.8, 0.799].map((value) => standingOf(value, "higher", "share", limits))).toEqual(["good", "warn", "warn", "alarm"]);
  expect(standingOf(0.11, "lower", "share", { warn: 5, alarm: 10 })).toBe("alarm");
  expect(standingOf(7201, "lower", "duration", { warn: 2, alarm: 3 })).toBe("warn");
  expect(standingOf(null, "higher", "share", limits)).toBe("none");
  expect(standingOf(0.5, "higher", "share", { warn: 90, alarm: "" })).toBe("none");
});

test("a limit is another one once a number differs, and the usual one is known again", () => {
  const usual = { direction: "higher", warn: 0.9, alarm: 0.8 } as const;
  expect(isChanged({ unit: "share", threshold: usual }, { warn: 90, alarm: 80 })).toBe(false);
  expect(isChanged({ unit: "share", threshold: usual }, { warn: "", alarm: 80 })).toBe(true);
  expect(isUsual({ threshold: { ...usual }, usual })).toBe(true);
  expect(isUsual({ threshold: null, usual: null })).toBe(true);
  expect(isUsual({ threshold: usual, usual: null })).toBe(false);
});

test("only what weighs something counts", () => {
  const typed = { on_time_rate: 60, closing_rate: 0, coverage: "", satisfaction: 12.5 } as const;
  expect(countingOf(typed)).toEqual({ on_time_rate: 60, satisfaction: 12.5 });
  expect(sumOf(typed)).toBe(72.5);
  expect(weightsText(typed)).toBe("on_time_rate:60,satisfaction:12.5");
  expect(sumOf({ a: 0.1, b: 0.2 })).toBe(0.3);
});

test("one who moves up gains ranks, and one without a rank moves nowhere", () => {
  const ranked = (ranks: Record<string, number | null>): Ranking => ({ items: Object.entries(ranks).map(([key, rank]) => ({ key, rank })) }) as unknown as Ranking;
  const moves = movesOf(ranked({ east: 1, west: 3, south: null }), ranked({ east: 2, west: 1, south: 3, north: 4 }));
  expect([...moves]).toEqual([["east", -1], ["west", 2]]);
});

test("a cell says its level", () => {
  expect(levelOfCell("8930e1d8c3bffff")).toBe(9);
  expect(levelOfCell("8830e1d8c3fffff")).toBe(8);
});

test("what is ranked is in a link to the weights too", () => {
  const query = new URLSearchParams();
  writeFiguresLink(query, { ...usualFigures(), tab: "weights", of: "categories" });
  expect(query.toString()).toBe("figures=weights&of=categories");
  expect(readFiguresLink(query).tab).toBe("weights");
});

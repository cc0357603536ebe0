import { spanOf, standingOf } from "@/settings/leaves";
import { expect, test } from "vitest";
import { type DetailWords, filterOf, linesOfDetails, nothingWanted, partsOfSubject } from "@/settings/audit";
import { MOST_ROWS, shownRows } from "@/settings/rows";
import { stepDay } from "@/replay/day";
import { stopFrom } from "@/replay/stops";

const words: DetailWords = {
  name: (name) => name.toUpperCase(),
  value: (name, value) => (name === "role" ? `role ${value}` : value),
  instant: (at_ms) => new Date(at_ms).toISOString().slice(0, 10),
  yes: "yes",
  no: "no",
};

test("nothing filled in filters nothing", () => {
  expect(filterOf(nothingWanted())).toEqual({});
});

test("a filter names its subject with its kind, and ends after its last day", () => {
  const filter = filterOf({ actor: " chief ", family: "track.", subjectKind: "unit", subject: "GW-01", from: "2026-11-20", to: "2026-11-20" });
  expect(filter).toMatchObject({ actor: "chief", action: "track.", subject: "unit GW-01" });
  expect(Date.parse(filter.to ?? "") - Date.parse(filter.from ?? "")).toBe(24 * 3_600_000);
});

test("a subject is its kind and its name, which may hold spaces", () => {
  expect(partsOfSubject("edition 2026 spring")).toEqual({ kind: "edition", name: "2026 spring" });
  expect(partsOfSubject("quarantine")).toEqual({ kind: "quarantine", name: "" });
});

test("a period is one line of the details", () => {
  const details = { from: "2026-11-20T00:00:00+00:00", to: "2026-11-21T00:00:00+00:00", fixes: 12 };
  expect(linesOfDetails(details, words)).toEqual(["2026-11-20 – 2026-11-21", "FIXES 12"]);
});

test("a change says what was and what is", () => {
  expect(linesOfDetails({ role: { old: "inspector", new: "grid_chief" }, grid: { old: null, new: "1" } }, words)).toEqual([
    "ROLE role inspector → role grid_chief",
    "GRID — → 1",
  ]);
});

test("what is empty says nothing, and what is false says so", () => {
  expect(linesOfDetails({ grid: null, files: [], must_change: false }, words)).toEqual(["MUST_CHANGE no"]);
});

test("a long list shows its beginning and how much more there is", () => {
  const items = Array.from({ length: MOST_ROWS + 5 }, (_, i) => `unit ${i}`);
  const shown = shownRows(items, "", (item) => [item]);
  expect([shown.rows.length, shown.more, shown.matching]).toEqual([MOST_ROWS, 5, MOST_ROWS + 5]);
  expect(shownRows(items, "unit 304", (item) => [item]).rows).toEqual(["unit 304"]);
});

test("a day steps over the end of a month", () => {
  expect(stepDay("2026-03-01", -1)).toBe("2026-02-28");
  expect(stepDay("2026-12-31", 1)).toBe("2027-01-01");
});

test("the next stop is anybody's, and not the one one is at", () => {
  const recording = (starts: number[]) => ({
    unit: "GW-01",
    name: "王芳",
    t: Float64Array.of(),
    lon: Float64Array.of(),
    lat: Float64Array.of(),
    stops: starts.map((from) => ({ from, to: from + 1000 })),
    gaps: [],
  });
  const two = [recording([10_000, 50_000]), recording([30_000])];
  expect(stopFrom(two, 10_000, 1)).toBe(30_000);
  expect(stopFrom(two, 30_000, -1)).toBe(10_000);
  expect(stopFrom(two, 50_000, 1)).toBeUndefined();
});

test("leave is to come, now, over, or was taken back", () => {
  const now = Date.parse("2026-11-27T08:00:00Z");
  const leave = (from: string, to: string | null, cancelled_at: string | null = null) => standingOf({ from, to, cancelled_at }, now);
  expect(leave("2026-11-28T00:00:00Z", null)).toBe("coming");
  expect(leave("2026-11-20T00:00:00Z", null)).toBe("now");
  expect(leave("2026-11-20T00:00:00Z", "2026-11-27T08:00:00Z")).toBe("over");
  expect(leave("2026-11-28T00:00:00Z", null, "2026-11-27T00:00:00Z")).toBe("cancelled");
});

test("leave has its last day in it, and begins no earlier than now", () => {
  const now = new Date("2026-11-27T08:00:00").getTime();
  expect(spanOf("2026-11-27", "2026-11-28", now)).toEqual({ from: new Date(now).toISOString(), to: new Date("2026-11-29T00:00:00").toISOString() });
  expect(spanOf("2026-12-01", "", now)).toEqual({ from: new Date("2026-12-01T00:00:00").toISOString(), to: null });
});

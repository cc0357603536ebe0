import { createI18n } from "vue-i18n";
import { describe, expect, test } from "vitest";
import type { GridCoverage, Plan, PlanRounds, Rhythm, Round, RoundState, Shift } from "@/api";
import { countsOf, longestFirst, sinceClassOf } from "@/duty/coverage";
import { periodOfDays } from "@/duty/lookback";
import { longestWait_ms, rhythmText } from "@/duty/rhythm";
import { latestOf, linesOf, missedNames, shownRounds, stateAt } from "@/duty/rounds";
import { presentOf, shiftState, shownShifts } from "@/duty/shifts";
import { commonGrid, emptyWish, faultOf, type PlanWish, rhythmOf, type RhythmWish } from "@/duty/wish";
import { en } from "@/i18n/en";
import { zh } from "@/i18n/zh";

const at = (text: string): number => new Date(text).getTime();
const NOW = at("2026-11-27T12:00");
const HOUR_S = 3600;

describe("a rhythm in words", () => {
  const { t } = createI18n({ legacy: false, locale: "zh", messages: { zh, en } }).global;
  const say = (key: string, values?: Record<string, string | number>): string => t(key, values ?? {});
  const by = (weekdays: number[], ...windows: { from: string; to: string }[]): Rhythm => ({ weekdays, windows });
  const NIGHT = { from: "22:00", to: "06:00" };

  test.each([
    [{ every_h: 4 }, "每 4 小时一轮"],
    [{ every_h: 24 }, "每天一轮"],
    [{ every_h: 72 }, "每 3 天一轮"],
    [by([1, 2, 3, 4, 5, 6, 7], { from: "08:00", to: "12:00" }, NIGHT), "每天 08:00 – 12:00、22:00 – 次日 06:00"],
    [by([1, 2, 3, 4, 5], { from: "00:00", to: "00:00" }), "周一至周五 00:00 – 24:00"],
    [by([1, 3, 6, 7], NIGHT), "周一、周三、周六、周日 22:00 – 次日 06:00"],
  ])("%j is %s", (rhythm, words) => {
    expect(rhythmText(rhythm, say).replaceAll("\u00a0", " ")).toBe(words);
  });

  test("its next round begins after as long as that, a week at most by the clock", () => {
    expect(longestWait_ms({ every_h: 4 })).toBe(4 * HOUR_S * 1000);
    expect(longestWait_ms(by([1], NIGHT))).toBe(7 * 24 * HOUR_S * 1000);
  });
});

const round = (from: string, to: string, state: RoundState, reached = 0): Round => ({
  from: new Date(`2026-11-${from}`).toISOString(),
  to: new Date(`2026-11-${to}`).toISOString(),
  state,
  covered: { reached, required: 2, rate: reached / 2 },
  in_order: null,
  checkpoints: [
    { id: 1, name: "大坝", reached_at: reached > 0 ? "2026-11-27T01:00:00Z" : null, unit: "GW-1" },
    { id: 2, name: "泵站", reached_at: reached > 1 ? "2026-11-27T02:00:00Z" : null, unit: null },
  ],
  units: [],
});
const MORNING = round("27T08:00", "27T10:00", "missed", 1);
const NOON = round("27T10:00", "27T14:00", "under_way");
const EVENING = round("27T18:00", "27T20:00", "upcoming");

describe("the rounds of a plan", () => {
  test("stand as the one under way, else as the last, else as the next", () => {
    expect(latestOf([MORNING, NOON, EVENING], NOW)).toBe(NOON);
    expect(latestOf([MORNING, EVENING], NOW)).toBe(MORNING);
    expect(latestOf([EVENING], NOW)).toBe(EVENING);
    expect(latestOf([], NOW)).toBeNull();
  });

  test("put what was missed first, and what has not been read last", () => {
    const plans = [1, 2, 3, 4].map((id) => ({ id }) as Plan);
    const of = (...items: Round[]): PlanRounds => ({ items }) as unknown as PlanRounds;
    const rounds = new Map([[1, of(EVENING)], [2, of(NOON)], [4, of(MORNING)]]);
    const lines = linesOf(plans, rounds, NOW);
    expect(lines.map(({ plan, standing }) => [plan.id, standing])).toEqual([[4, "missed"], [2, "under_way"], [1, "upcoming"], [3, "none"]]);
  });

  test("are shown newest first, of those to come the next alone", () => {
    const later = round("28T18:00", "28T20:00", "upcoming");
    expect(shownRounds([MORNING, NOON, EVENING, later], NOW)).toEqual([EVENING, NOON, MORNING]);
  });

  test("leave a checkpoint missed only once they are over", () => {
    const [, pump] = MORNING.checkpoints;
    expect(pump && [stateAt(pump, MORNING, NOW), stateAt(pump, NOON, NOW)]).toEqual(["missed", "waiting"]);
    expect(MORNING.checkpoints.map((one) => stateAt(one, MORNING, NOW))).toEqual(["reached", "missed"]);
    expect(missedNames(MORNING)).toEqual(["泵站"]);
  });
});

test("a look at days begins with the midnight of the first and is no longer than the server answers", () => {
  const today = periodOfDays(1, NOW, 3_600_000);
  expect([today.from.getTime(), today.to.getTime()]).toEqual([at("2026-11-27T00:00"), at("2026-11-27T13:00")]);
  const month = periodOfDays(30, NOW, 7 * 24 * 3_600_000);
  expect(month.from.getTime()).toBe(at("2026-10-29T00:00"));
  expect(month.to.getTime() - month.from.getTime()).toBe(31 * 24 * 3_600_000);
});

describe("coverage", () => {
  test.each([
    [0, "h4"],
    [4 * HOUR_S - 1, "h4"],
    [4 * HOUR_S, "h12"],
    [12 * HOUR_S, "h24"],
    [24 * HOUR_S, "h72"],
    [72 * HOUR_S, "longer"],
    [null, "never"],
  ])("%s s ago is %s", (since_s, since) => {
    expect(sinceClassOf(since_s)).toBe(since);
  });

  test("lists first where nobody was ever, then where nobody was longest", () => {
    const grids = ([["A", 60], ["B", null], ["C", 90_000], ["D", null]] as const).map(
      ([code, since_last_s]) => ({ grid: { code, name: code }, since_last_s }) as GridCoverage,
    );
    expect(longestFirst(grids).map((one) => one.grid.code)).toEqual(["B", "D", "C", "A"]);
    expect(Object.fromEntries(countsOf(grids))).toEqual({ h4: 1, h72: 1, never: 2 });
  });
});

describe("a shift", () => {
  const shift = (from: string, to: string, came: number): Shift =>
    ({
      from: new Date(`2026-11-27T${from}`).toISOString(),
      to: new Date(`2026-11-27T${to}`).toISOString(),
      complete: { reached: came, required: 3, rate: came / 3 },
    }) as Shift;

  test("is done when everybody came, and is not judged before it is over", () => {
    expect(shiftState(shift("00:00", "08:00", 3), NOW)).toBe("done");
    expect(shiftState(shift("00:00", "08:00", 2), NOW)).toBe("missed");
    expect(shiftState(shift("08:00", "16:00", 0), NOW)).toBe("under_way");
    expect(shiftState(shift("16:00", "23:00", 0), NOW)).toBe("upcoming");
  });

  test("is shown with those that began, and the next", () => {
    const [past, now, next, later] = [shift("00:00", "08:00", 3), shift("08:00", "16:00", 0), shift("16:00", "20:00", 0), shift("20:00", "23:00", 0)];
    expect(shownShifts([past, now, next, later], NOW)).toEqual([next, now, past]);
  });

  test("counts those who are there, where one may know it", () => {
    const person = (on_duty: boolean | null) => ({ staff: 1, name: "赵一", phone: null, instead_of: null, on_duty });
    expect(presentOf([person(true), person(false), person(true)])).toBe(2);
    expect(presentOf([person(null), person(true)])).toBe(1);
    expect(presentOf([person(null)])).toBeNull();
  });
});

describe("a plan that is being made", () => {
  const wish = (rhythm: Partial<RhythmWish> = {}, name = "夜巡"): PlanWish => ({ ...emptyWish(), name, rhythm: { ...emptyWish().rhythm, ...rhythm } });
  const EIGHT = { from: "08:00", to: "12:00" };

  test.each<[PlanWish, number, string | null]>([
    [wish(), 1, null],
    [wish({}, "  "), 1, "name"],
    [wish(), 0, "points"],
    [wish({ by: "hours", every_h: 0 }), 1, "hours"],
    [wish({ by: "hours", every_h: 1.5 }), 1, "hours"],
    [wish({ by: "hours", every_h: 744, windows: [] }), 1, null],
    [wish({ weekdays: [] }), 1, "weekdays"],
    [wish({ windows: [EIGHT, { from: "14:00", to: "" }] }), 1, "windows"],
    [wish({ windows: [EIGHT, EIGHT] }), 1, "windows"],
  ])("%j with %i points: %s", (made, points, fault) => {
    expect(faultOf(made, points)).toBe(fault);
  });

  test("asks for hours, or for days in their order and windows", () => {
    expect(rhythmOf(wish({ by: "hours", every_h: 6 }).rhythm)).toEqual({ every_h: 6 });
    expect(rhythmOf(wish({ weekdays: [5, 1], windows: [EIGHT] }).rhythm)).toEqual({ weekdays: [1, 5], windows: [EIGHT] });
  });

  test("belongs to the deepest grid that has all its checkpoints", () => {
    const parents: Record<string, string> = { A1: "A", A2: "A", B1: "B", A: "T", B: "T" };
    const parentOf = (code: string): string | null => parents[code] ?? null;
    expect(commonGrid(["A1", "A1"], parentOf)).toBe("A1");
    expect(commonGrid(["A1", "A2"], parentOf)).toBe("A");
    expect(commonGrid(["A1", "B1"], parentOf)).toBe("T");
    expect(commonGrid(["A", "A2"], parentOf)).toBe("A");
    expect(commonGrid(["A1", "X"], parentOf)).toBeNull();
    expect(commonGrid([], parentOf)).toBeNull();
  });
});

import { expect, test } from "vitest";
import { loudestFirst } from "@/alerts/order";
import { type Listed, saidBy } from "@/alerts/words";
import type { Alert } from "@/api";

function alert(id: number, change: Partial<Alert>): Alert {
  return {
    id,
    kind: "left_grid",
    unit: "GW-001",
    name: "王",
    role: "grid_worker",
    plan: null,
    begun_at: "2026-11-22T08:00:00Z",
    ended_at: null,
    recorded_at: "2026-11-22T08:00:00Z",
    open: true,
    late: false,
    withdrawn: false,
    lon: 118.6,
    lat: 34.5,
    battery_pct: null,
    area: null,
    acknowledged: null,
    case: null,
    ...change,
  };
}

test("a call that nobody has heard comes first, then what nobody has heard, then what came late", () => {
  const heard = { at: "2026-11-22T08:01:00Z", by: "李", note: null };
  const alerts = [
    alert(1, { kind: "sos", acknowledged: heard, begun_at: "2026-11-22T09:00:00Z" }),
    alert(2, { late: true, begun_at: "2026-11-22T08:30:00Z" }),
    alert(3, {}),
    alert(4, { kind: "sos", begun_at: "2026-11-22T07:00:00Z" }),
    alert(5, { begun_at: "2026-11-22T08:20:00Z" }),
  ];
  expect(alerts.sort(loudestFirst).map((one) => one.id)).toEqual([4, 5, 3, 2, 1]);
});

const listed: Listed = (names, rest) => [...names, rest].join(" ");

function round(missed: string[], in_order: boolean | null): Alert {
  const covered = { reached: 3, required: 5, rate: 0.6 };
  const plan = { id: 1, name: "夜巡", grid: "E", from: "", to: "", covered, in_order, missed };
  return alert(1, { kind: "missed_checkpoint", unit: null, name: null, role: null, plan });
}

test("a round names what nobody reached, but not all of many", () => {
  const { key, values } = saidBy(round(["一", "二", "三", "四", "五"], false), listed);
  expect(key).toBe("alert.missed_checkpoint");
  expect(values).toEqual({ plan: "夜巡", places: "一 二 三 2", reached: 3, required: 5 });
});

test("a round says that the order was not kept, or that it was too little", () => {
  expect(saidBy(round([], false), listed).key).toBe("alert.out_of_order");
  expect(saidBy(round([], null), listed).key).toBe("alert.not_patrolled");
  expect(saidBy(alert(1, {}), listed)).toMatchObject({ key: "alert.left_grid", values: { name: "王" } });
});

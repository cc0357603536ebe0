import { expect, test } from "vitest";
import { loudestFirst } from "@/alerts/order";
import type { Alert } from "@/api";

function alert(id: number, change: Partial<Alert>): Alert {
  return {
    id,
    kind: "left_grid",
    unit: "GW-001",
    name: "王",
    role: "grid_worker",
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

/** What is asked of a place: how far around it, and from when to when. Pure. */
import type { Period } from "@/api";
import { dayOf, timeOf } from "@/replay/day";

export const RADII_M = [50, 100, 200, 500] as const;
export const USUAL_RADIUS_M = 100;

/** Local times as a field of a form has them: yyyy-mm-ddThh:mm. */
export interface Times {
  from: string;
  to: string;
}

export interface Criteria extends Times {
  lon: number;
  lat: number;
  radius_m: number;
}

export type Fault = "empty" | "long";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LATELY_MS = 2 * HOUR_MS;
/** as the server answers */
const LONGEST_MS = 7 * 24 * HOUR_MS;

function minuteOf(at_ms: number): string {
  return `${dayOf(at_ms)}T${timeOf(at_ms).slice(0, 5)}`;
}

/** Whole minutes that have all of it inside. */
function between(from_ms: number, to_ms: number): Times {
  return { from: minuteOf(from_ms), to: minuteOf(Math.ceil(to_ms / MINUTE_MS) * MINUTE_MS) };
}

export function lately(now_ms: number): Times {
  return between(now_ms - LATELY_MS, now_ms);
}

/** The hour before and the hour after, as far as that is over. */
export function around(at_ms: number, now_ms: number): Times {
  return between(at_ms - HOUR_MS, Math.max(at_ms, Math.min(at_ms + HOUR_MS, now_ms)));
}

export function periodOf({ from, to }: Times): Period {
  return { from: new Date(from), to: new Date(to) };
}

/** Why nothing can be asked like this. */
export function faultOf(times: Times): Fault | null {
  const { from, to } = periodOf(times);
  const length_ms = to.getTime() - from.getTime();
  if (!(length_ms > 0)) return "empty";
  return length_ms > LONGEST_MS ? "long" : null;
}

/** Whether both are of one place: a reason given for it holds for another hour there. */
export function isSamePlace(a: Criteria | null, b: Criteria | null): boolean {
  return a !== null && b !== null && a.lon === b.lon && a.lat === b.lat;
}

export function isSame(a: Criteria | null, b: Criteria | null): boolean {
  return isSamePlace(a, b) && a?.radius_m === b?.radius_m && a?.from === b?.from && a?.to === b?.to;
}

/** "118.67210,34.53020,100" and "2026-11-27T09:00,2026-11-27T11:00"; null where they cannot be read. */
export function readCriteria(near: string | null, times: string | null): Criteria | null {
  const [lon, lat, wanted_m] = (near ?? "").split(",").map(Number);
  const [from, to, ...more] = (times ?? "").split(",");
  if (lon === undefined || lat === undefined || !from || !to || more.length > 0) return null;
  const sane = Math.abs(lon) <= 180 && Math.abs(lat) <= 85;
  if (!sane || ![from, to].every((time) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(time))) return null;
  return { lon, lat, radius_m: RADII_M.find((known_m) => known_m === wanted_m) ?? USUAL_RADIUS_M, from, to };
}

export function writeCriteria({ lon, lat, radius_m, from, to }: Criteria): { near: string; between: string } {
  return { near: `${lon.toFixed(5)},${lat.toFixed(5)},${radius_m}`, between: `${from},${to}` };
}

/** Where a unit was at an instant: between two fixes on true time, never across a gap. */
import { GAP_MS, type Recording } from "./columns";

export interface Moment {
  lon: number;
  lat: number;
  /** degrees clockwise from north; null when it did not move */
  heading_deg: number | null;
  /** in a gap, before the first or after the last fix: the place is the last one known */
  known: boolean;
}

/** The index of the last fix at or before `at`; -1 before the first. */
export function indexAt(t: Float64Array, at: number): number {
  let low = 0;
  let high = t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((t[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Below this a step is the scatter of a standing receiver, not a direction. */
const LEAST_STEP_DEG = 2e-5;

function heading(dlon: number, dlat: number, lat: number): number | null {
  const east = dlon * Math.cos((lat * Math.PI) / 180);
  if (Math.hypot(east, dlat) < LEAST_STEP_DEG) return null;
  return ((Math.atan2(east, dlat) * 180) / Math.PI + 360) % 360;
}

export function isStopped(recording: Recording, at: number): boolean {
  return recording.stops.some((stop) => stop.from <= at && at <= stop.to);
}

/** Null when the unit has no fix yet at `at` (epoch, ms). */
export function momentAt(recording: Recording, at: number): Moment | null {
  const { t, lon, lat } = recording;
  const i = indexAt(t, at);
  const [t1, lon1, lat1] = [t[i], lon[i], lat[i]];
  if (t1 === undefined || lon1 === undefined || lat1 === undefined) return null;
  const [t2, lon2, lat2] = [t[i + 1], lon[i + 1], lat[i + 1]];
  if (t2 === undefined || lon2 === undefined || lat2 === undefined)
    return { lon: lon1, lat: lat1, heading_deg: null, known: at === t1 };
  if (t2 - t1 > GAP_MS) return { lon: lon1, lat: lat1, heading_deg: null, known: at === t1 };
  const part = t2 === t1 ? 0 : (at - t1) / (t2 - t1);
  return {
    lon: lon1 + (lon2 - lon1) * part,
    lat: lat1 + (lat2 - lat1) * part,
    heading_deg: isStopped(recording, at) ? null : heading(lon2 - lon1, lat2 - lat1, lat1),
    known: true,
  };
}

/** The pieces of line walked in the `length_ms` before `at`, broken at gaps, ending at the moment. */
export function tailAt(recording: Recording, at: number, length_ms: number): [number, number][][] {
  const now = momentAt(recording, at);
  if (!now) return [];
  const { t, lon, lat } = recording;
  const pieces: [number, number][][] = [];
  let piece: [number, number][] = [];
  const last = indexAt(t, at);
  for (let i = Math.max(0, indexAt(t, at - length_ms)); i <= last; i++) {
    if (piece.length > 0 && (t[i] ?? 0) - (t[i - 1] ?? 0) > GAP_MS) {
      pieces.push(piece);
      piece = [];
    }
    piece.push([lon[i] ?? 0, lat[i] ?? 0]);
  }
  if (now.known) piece.push([now.lon, now.lat]);
  pieces.push(piece);
  return pieces.filter((line) => line.length > 1);
}

/** One unit's recorded fixes as columns, decoded from the differences that travel. */
import type { ReplayColumns } from "@/api";

/** Silence longer than this is a gap: nobody knows where the unit was. */
export const GAP_MS = 5 * 60_000;

export interface Span {
  /** epoch, ms */
  from: number;
  to: number;
}

export interface Recording {
  unit: string;
  name: string;
  /** epoch, ms, ascending */
  t: Float64Array;
  lon: Float64Array;
  lat: Float64Array;
  stops: Span[];
  gaps: Span[];
}

function runningSum(differences: number[], scale: number, start: number): Float64Array {
  const sums = new Float64Array(differences.length);
  let sum = 0;
  differences.forEach((difference, i) => {
    // Summed as integers and scaled once, so that a day of differences does not drift.
    sum += difference;
    sums[i] = start + sum / scale;
  });
  return sums;
}

export function gapsOf(t: Float64Array, gap_ms = GAP_MS): Span[] {
  const gaps: Span[] = [];
  for (let i = 1; i < t.length; i++) {
    const [from, to] = [t[i - 1] ?? 0, t[i] ?? 0];
    if (to - from > gap_ms) gaps.push({ from, to });
  }
  return gaps;
}

export function decode(columns: ReplayColumns, t0: number): Recording {
  const t = runningSum(columns.t, 1, t0);
  return {
    unit: columns.unit,
    name: columns.name,
    t,
    lon: runningSum(columns.lon, 1e6, 0),
    lat: runningSum(columns.lat, 1e6, 0),
    stops: columns.stops.map((stop) => ({ from: Date.parse(stop.from), to: Date.parse(stop.to) })),
    gaps: gapsOf(t),
  };
}

/** From the first fix of all to the last; null when nothing was recorded. */
export function spanOf(recordings: readonly Recording[]): Span | null {
  const recorded = recordings.filter((recording) => recording.t.length > 0);
  if (recorded.length === 0) return null;
  return {
    from: Math.min(...recorded.map((recording) => recording.t[0] ?? Infinity)),
    to: Math.max(...recorded.map((recording) => recording.t.at(-1) ?? -Infinity)),
  };
}

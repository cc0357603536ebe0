/** The slider's ground: when each unit moved, stood, and was silent. Pure. */
import type { Recording, Span } from "./columns";

export interface Block {
  kind: "stop" | "gap";
  left_pct: number;
  width_pct: number;
}

export interface Lane {
  unit: string;
  name: string;
  left_pct: number;
  width_pct: number;
  blocks: Block[];
}

function place(part: Span, whole: Span): { left_pct: number; width_pct: number } {
  const length = Math.max(1, whole.to - whole.from);
  return {
    left_pct: ((part.from - whole.from) / length) * 100,
    width_pct: ((part.to - part.from) / length) * 100,
  };
}

/** Null for a unit without a fix. */
export function laneOf(recording: Recording, span: Span): Lane | null {
  const [from, to] = [recording.t[0], recording.t.at(-1)];
  if (from === undefined || to === undefined) return null;
  return {
    unit: recording.unit,
    name: recording.name,
    ...place({ from, to }, span),
    blocks: [
      ...recording.stops.map((stop): Block => ({ kind: "stop", ...place(stop, span) })),
      ...recording.gaps.map((gap): Block => ({ kind: "gap", ...place(gap, span) })),
    ],
  };
}

const STEPS_MIN = [5, 10, 15, 30, 60, 120, 180, 240, 360];

/** Round times of the day to label, at most `most` of them; epoch, ms. */
export function ticksOf(span: Span, most = 8): number[] {
  const step_ms = 60_000 * (STEPS_MIN.find((step) => (span.to - span.from) / 60_000 / step <= most) ?? 720);
  const first = new Date(span.from);
  first.setHours(0, 0, 0, 0);
  const ticks: number[] = [];
  const before = Math.ceil((span.from - first.getTime()) / step_ms);
  for (let at = first.getTime() + before * step_ms; at <= span.to; at += step_ms) ticks.push(at);
  return ticks;
}

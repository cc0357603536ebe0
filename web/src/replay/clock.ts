/** The clock of a replay: a time inside a span, running at a speed. Pure; somebody else ticks it. */
import type { Span } from "./columns";

export const SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Clock {
  span: Span;
  /** epoch, ms */
  at: number;
  speed: Speed;
  playing: boolean;
}

export function clamp(at: number, span: Span): number {
  return Math.min(span.to, Math.max(span.from, at));
}

/** The clock after `elapsed_ms` of the viewer's time; it stops by itself at the end. */
export function advance(clock: Clock, elapsed_ms: number): Clock {
  if (!clock.playing) return clock;
  const at = clamp(clock.at + elapsed_ms * clock.speed, clock.span);
  return { ...clock, at, playing: at < clock.span.to };
}

/** Starts or pauses; starting at the end begins again. */
export function toggle(clock: Clock): Clock {
  if (clock.playing) return { ...clock, playing: false };
  const at = clock.at >= clock.span.to ? clock.span.from : clock.at;
  return { ...clock, at, playing: true };
}

export function faster(speed: Speed, steps: 1 | -1): Speed {
  const i = SPEEDS.indexOf(speed) + steps;
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, i))] ?? speed;
}

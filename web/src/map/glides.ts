/** Signs that glide from one fix to the next, at a frame rate an old machine can hold. */
import type { Coordinate } from "ol/coordinate";

const GLIDE_MS = 900;
const FRAME_MS = 45;
/** More than this at once is a crowd: it is moved without a glide. */
const MOST = 150;

interface Glide {
  from: Coordinate;
  to: Coordinate;
  start: number;
}

export function prefersStillness(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export class Glides {
  private readonly running = new Map<string, Glide>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly place: (id: string, at: Coordinate) => void) {}

  start(id: string, from: Coordinate, to: Coordinate): void {
    const same = from[0] === to[0] && from[1] === to[1];
    if (same || document.hidden || this.running.size >= MOST || prefersStillness()) {
      this.running.delete(id);
      this.place(id, to);
      return;
    }
    this.running.set(id, { from, to, start: performance.now() });
    this.timer ??= setInterval(() => this.step(), FRAME_MS);
  }

  stop(id: string): void {
    this.running.delete(id);
  }

  private step(): void {
    const now = performance.now();
    for (const [id, { from, to, start }] of this.running) {
      const part = Math.min(1, (now - start) / GLIDE_MS);
      const eased = part * (2 - part);
      const [x1 = 0, y1 = 0] = from;
      const [x2 = 0, y2 = 0] = to;
      this.place(id, [x1 + (x2 - x1) * eased, y1 + (y2 - y1) * eased]);
      if (part === 1) this.running.delete(id);
    }
    if (this.running.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}

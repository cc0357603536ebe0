/** A plan as it is being entered. Pure. */
import type { NewPlan, Rhythm } from "@/api";
import type { Clocks } from "./rhythm";

export interface RhythmWish {
  by: "hours" | "clock";
  every_h: number;
  /** 1 is Monday */
  weekdays: number[];
  windows: Clocks[];
}

export interface PlanWish {
  name: string;
  rhythm: RhythmWish;
  at_least: number;
  in_order: boolean;
  /** nobody's: whoever comes counts */
  role: NewPlan["role"];
}

export type WishFault = "name" | "points" | "hours" | "weekdays" | "windows";

/** as the server answers */
const MOST_HOURS = 24 * 31;
export const MOST_POINTS = 100;

export function emptyWish(): PlanWish {
  const rhythm: RhythmWish = { by: "clock", every_h: 4, weekdays: [1, 2, 3, 4, 5, 6, 7], windows: [{ from: "08:00", to: "18:00" }] };
  return { name: "", rhythm, at_least: 1, in_order: false, role: null };
}

/** Why no plan can be made of it like this. */
export function faultOf({ name, rhythm }: PlanWish, points: number): WishFault | null {
  if (name.trim() === "") return "name";
  if (points === 0) return "points";
  if (rhythm.by === "hours") {
    const { every_h } = rhythm;
    return Number.isInteger(every_h) && every_h >= 1 && every_h <= MOST_HOURS ? null : "hours";
  }
  if (rhythm.weekdays.length === 0) return "weekdays";
  const begins = rhythm.windows.map((window) => window.from);
  const whole = rhythm.windows.every(({ from, to }) => from && to);
  return whole && begins.length > 0 && new Set(begins).size === begins.length ? null : "windows";
}

export function rhythmOf({ by, every_h, weekdays, windows }: RhythmWish): Rhythm {
  return by === "hours" ? { every_h } : { weekdays: [...weekdays].sort((a, b) => a - b), windows };
}

/** The deepest grid that has all of `codes` in it; null where there is none, or no code. */
export function commonGrid(codes: readonly string[], parentOf: (code: string) => string | null): string | null {
  const upwards = (code: string): string[] => {
    const parent = parentOf(code);
    return [code, ...(parent ? upwards(parent) : [])];
  };
  const [first, ...rest] = codes.map(upwards);
  return first?.find((code) => rest.every((path) => path.includes(code))) ?? null;
}

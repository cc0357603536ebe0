/** Where figures need attention and what counts how much in rankings, as somebody sets them. Pure. */
import type { Figure, FigureStanding, FigureThreshold, JudgedFigure, Ranking } from "@/api";

type Unit = Figure["unit"];
type Direction = FigureThreshold["direction"];

/** As it stands in a field that is a number: shares in percent, durations in hours; "" is nothing. */
export type Typed = number | "";

export interface Limits {
  warn: Typed;
  alarm: Typed;
}

const DIGITS = 4;
const HOUR_S = 3600;

export function shownOf(value: number | null | undefined, unit: Unit): Typed {
  if (value === null || value === undefined) return "";
  return Number((unit === "share" ? value * 100 : value / HOUR_S).toFixed(DIGITS));
}

export function valueOf(typed: number, unit: Unit): number {
  return Number((unit === "share" ? typed / 100 : typed * HOUR_S).toFixed(DIGITS + 2));
}

export function limitsOf({ threshold, unit }: Pick<JudgedFigure, "threshold" | "unit">): Limits {
  return { warn: shownOf(threshold?.warn, unit), alarm: shownOf(threshold?.alarm, unit) };
}

export function isChanged(figure: Pick<JudgedFigure, "threshold" | "unit">, typed: Limits): boolean {
  const { warn, alarm } = limitsOf(figure);
  return warn !== typed.warn || alarm !== typed.alarm;
}

export function isUsual({ threshold, usual }: Pick<JudgedFigure, "threshold" | "usual">): boolean {
  return threshold?.warn === usual?.warn && threshold?.alarm === usual?.alarm;
}

/** What the server says of a value, said before anything is saved. */
export function standingOf(value: number | null, direction: Direction, unit: Unit, { warn, alarm }: Limits): FigureStanding {
  if (value === null || warn === "" || alarm === "") return "none";
  const isWorse = (limit: number): boolean => (direction === "higher" ? value < valueOf(limit, unit) : value > valueOf(limit, unit));
  if (isWorse(alarm)) return "alarm";
  return isWorse(warn) ? "warn" : "good";
}

/** By figure, what is typed; nothing and 0 do not count. */
export type TypedWeights = Readonly<Record<string, Typed>>;

export function countingOf(typed: TypedWeights): Record<string, number> {
  return Object.fromEntries(Object.entries(typed).filter((one): one is [string, number] => one[1] !== "" && one[1] > 0));
}

export function sumOf(typed: TypedWeights): number {
  const sum = Object.values(countingOf(typed)).reduce((total, weight) => total + weight, 0);
  return Number(sum.toFixed(DIGITS));
}

/** As a ranking is asked to try them; the order does not matter. */
export function weightsText(typed: TypedWeights): string {
  return Object.entries(countingOf(typed))
    .map(([code, weight]) => `${code}:${weight}`)
    .sort()
    .join(",");
}

/** How many ranks each would gain (more than 0) or lose; what has no rank in one of them is not in it. */
export function movesOf(before: Ranking, after: Ranking): ReadonlyMap<string, number> {
  const ranks = new Map(before.items.map(({ key, rank }) => [key, rank]));
  return new Map(
    after.items.flatMap(({ key, rank }) => {
      const was = ranks.get(key);
      return rank !== null && was !== null && was !== undefined ? [[key, was - rank] as const] : [];
    }),
  );
}

/** Figures and their changes in words. */
import type { Figure } from "@/api";
import { type Words, useWords } from "@/i18n";

type Unit = Figure["unit"];

export interface FigureWords {
  value: (value: number | null, unit: Unit) => string;
  /** "911 / 972", or how many cases a duration is of */
  parts: (figure: Pick<Figure, "code" | "unit" | "numerator" | "denominator">) => string;
  /** "+1.20 points"; empty where there is nothing to compare with */
  change: (change: number | null, unit: Unit) => string;
  threshold: (figure: Pick<Figure, "threshold" | "unit">) => string;
}

/** As bulletins of cities have it, and as files of reports do (`patrol.figures.shares`). */
const DIGITS = 2;
const SCALE = 100 * 10 ** DIGITS;

/** "93.72 %", rounded to the nearest; but 100 % is all of it, and 0 % is none. */
export function shareText(share: number): string {
  const rounded = Math.round(share * SCALE);
  const shown = share > 0 && share < 1 ? Math.min(SCALE - 1, Math.max(1, rounded)) : rounded;
  return `${((shown * 100) / SCALE).toFixed(DIGITS)} %`;
}

/** Whether a change is for the better; null where that is nobody's to say, or nothing has changed. */
export function isBetter(figure: Pick<Figure, "threshold">, change: number | null): boolean | null {
  if (!figure.threshold || !change) return null;
  return (change > 0) === (figure.threshold.direction === "higher");
}

/** What is not counted in cases or checkpoints. */
const IN_MINUTES = new Set(["online_rate"]);

function wordsWith({ t, count, duration }: Words): FigureWords {
  const value = (number: number | null, unit: Unit): string => {
    if (number === null) return "—";
    if (unit === "share") return shareText(number);
    return unit === "duration" ? duration(number) : count(number);
  };
  return {
    value,
    parts: ({ code, unit, numerator, denominator }) => {
      if (denominator === null || unit === "count") return "";
      if (unit === "duration") return t("figures.cases", { count: count(denominator) });
      const said = `${count(Math.round(numerator ?? 0))} / ${count(Math.round(denominator))}`;
      return IN_MINUTES.has(code) ? t("figures.minutes", { parts: said }) : said;
    },
    change: (change, unit) => {
      if (change === null) return "";
      const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
      const size = Math.abs(change);
      if (unit === "share") return t("figures.points", { points: `${sign}${(size * 100).toFixed(DIGITS)}` });
      return `${sign}${unit === "duration" ? duration(size) : count(size)}`;
    },
    threshold: ({ threshold, unit }) => {
      if (!threshold) return "";
      const text = (number: number): string => (unit === "share" ? `${Number((number * 100).toFixed(DIGITS))} %` : value(number, unit));
      return t(`figures.threshold.${threshold.direction}`, { warn: text(threshold.warn), alarm: text(threshold.alarm) });
    },
  };
}

export function useFigureWords(): FigureWords {
  return wordsWith(useWords());
}

/** What of the figures is shown, as the address bar has it. Pure. */
import type { May, RankedBy } from "@/api";
import { type Chosen, PERIODS } from "./period";

export const FIGURE_TABS = ["panel", "rankings", "reports", "thresholds", "weights"] as const;
export type FigureTab = (typeof FIGURE_TABS)[number];
export const RANKED = ["grids", "villages", "staff", "departments", "categories"] as const satisfies readonly RankedBy[];

/** Who holds which post is not for everybody. */
export function rankedFor(may: May): RankedBy[] {
  return RANKED.filter((one) => one !== "staff" || may("read_staff"));
}

export interface FiguresLink {
  tab: FigureTab;
  period: Chosen;
  /** the code of a grid; null is everything that is the viewer's */
  grid: string | null;
  of: RankedBy;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOST_BACK = 60;

export function usualFigures(): FiguresLink {
  return { tab: "panel", period: { name: "month", back: 0, from: "", to: "" }, grid: null, of: "grids" };
}

export function readFiguresLink(query: URLSearchParams): FiguresLink {
  const usual = usualFigures();
  const oneOf = <T extends string>(words: readonly T[], name: string, otherwise: T): T => words.find((word) => word === query.get(name)) ?? otherwise;
  const back = Number(query.get("back") ?? 0);
  const day = (name: string): string => (DAY.test(query.get(name) ?? "") ? (query.get(name) ?? "") : "");
  const own = { from: day("from"), to: day("to") };
  const name = oneOf(PERIODS, "period", usual.period.name);
  return {
    tab: oneOf(FIGURE_TABS, "figures", usual.tab),
    period: {
      name: name === "own" && !(own.from && own.to) ? usual.period.name : name,
      back: Number.isInteger(back) && back >= 0 && back <= MOST_BACK ? back : 0,
      ...own,
    },
    grid: query.get("in"),
    of: oneOf(RANKED, "of", usual.of),
  };
}

export function writeFiguresLink(query: URLSearchParams, { tab, period, grid, of }: FiguresLink): void {
  const usual = usualFigures();
  if (tab !== usual.tab) query.set("figures", tab);
  if (["rankings", "weights"].includes(tab) && of !== usual.of) query.set("of", of);
  if (period.name !== usual.period.name) query.set("period", period.name);
  if (period.name === "own") {
    query.set("from", period.from);
    query.set("to", period.to);
  } else if (period.back > 0) query.set("back", String(period.back));
  if (grid) query.set("in", grid);
}

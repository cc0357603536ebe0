/** When each grid was visited last, as long as somebody looks at it. */
import type { GridsCoverage } from "@/api";
import { gridCoverage } from "@/api";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import { type Fresh, useFresh } from "@/shell/fresh";

const REFRESH_MS = 60_000;

export interface CoverageBook extends Fresh<GridsCoverage> {
  /** whether the map is coloured by it */
  isShown: () => boolean;
}

/** Nothing is asked for when the viewer may not, nor while they look at something else. */
export function createCoverageBook({ link }: Desk, allowed: boolean): CoverageBook {
  const isShown = (): boolean => allowed && link.section === "duty" && link.duty === "coverage";
  return { ...useFresh(gridCoverage, { every_ms: REFRESH_MS, wanted: isShown }), isShown };
}

export const [provideCoverageBook, useCoverageBook] = context<CoverageBook>("coverage book");

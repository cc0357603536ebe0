/** The grid tree as lines to read: what is open, what matches. Pure. */
import type { GridFeature, GridProperties } from "@/api";
import { matches } from "@/shell/search";

export interface GridLine {
  grid: GridProperties;
  depth: number;
  hasChildren: boolean;
  open: boolean;
}

export type Children = ReadonlyMap<string | null, readonly GridProperties[]>;

/** Of each grid those directly below it, by code; a grid whose parent is not among them stands at the top. */
export function childrenIn(features: readonly GridFeature[]): Children {
  const codes = new Set(features.map(({ id }) => id));
  const children = new Map<string | null, GridProperties[]>();
  for (const { properties } of features) {
    const parent = properties.parent && codes.has(properties.parent) ? properties.parent : null;
    children.set(parent, [...(children.get(parent) ?? []), properties]);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.code.localeCompare(b.code));
  return children;
}

/** With a text or `only` these grids, what matches and what leads to it; else what has been opened. */
export function linesOf(children: Children, opened: ReadonlySet<string>, text: string, only?: ReadonlySet<string>): GridLine[] {
  const words = text.trim();
  const wanted = words !== "" || only !== undefined;
  const walk = (parent: string | null, depth: number): GridLine[] =>
    (children.get(parent) ?? []).flatMap((grid): GridLine[] => {
      const within = children.get(grid.code) ?? [];
      const below = wanted || opened.has(grid.code) ? walk(grid.code, depth + 1) : [];
      const meant = !only || only.has(grid.code);
      const found = !wanted || below.length > 0 || (meant && matches(words, [grid.name, grid.code, grid.owner?.name]));
      if (!found) return [];
      const open = wanted ? below.length > 0 : opened.has(grid.code);
      return [{ grid, depth, hasChildren: within.length > 0, open }, ...below];
    });
  return walk(null, 0);
}

/** The whole tree, each grid after the one it lies in. */
export function branchesOf(children: Children): { grid: GridProperties; depth: number }[] {
  const walk = (parent: string | null, depth: number): { grid: GridProperties; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((grid) => [{ grid, depth }, ...walk(grid.code, depth + 1)]);
  return walk(null, 0);
}

/** The grid and everything inside it. */
export function codesWithin(children: Children, code: string): Set<string> {
  const within = new Set([code]);
  for (const child of children.get(code) ?? []) for (const one of codesWithin(children, child.code)) within.add(one);
  return within;
}

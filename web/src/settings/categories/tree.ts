/** The tree of categories as a table shows it. Pure. */
import type { Category } from "@/api";
import { matches } from "@/shell/search";

export interface Branch {
  category: Category;
  /** a main category that has subcategories, and is not chosen itself */
  divided: boolean;
  /** how many subcategories are shown below it or folded away */
  below: number;
}

/** Those that match with the main categories above them, in order; what is below a folded one is left out. */
export function branchesOf(categories: readonly Category[], matching: (one: Category) => boolean, folded: ReadonlySet<string>): Branch[] {
  const divided = new Set(categories.map(({ parent }) => parent));
  const found = categories.filter(matching);
  const above = new Set(found.map(({ parent, code }) => parent ?? code));
  return categories
    .filter((one) => (one.parent === null ? above.has(one.code) : matching(one) && !folded.has(one.parent)))
    .map((category) => ({
      category,
      divided: divided.has(category.code),
      below: found.filter(({ parent }) => parent === category.code).length,
    }));
}

export const KINDS_SHOWN = ["all", "differing", "retired"] as const;
export type KindShown = (typeof KINDS_SHOWN)[number];

/** Whether one is of what is asked for: its words, and all, what is not as built in, or what is not chosen any more. */
export function isShown(one: Category, text: string, kind: KindShown, more: readonly (string | null)[] = []): boolean {
  if (kind === "differing" && one.origin === "built_in") return false;
  if (kind === "retired" && one.active) return false;
  const fields = [one.code, one.number, one.title.zh, one.title.en, one.term.zh, one.term.en, one.department, ...one.aliases, ...more];
  return !text.trim() || matches(text.trim(), fields);
}

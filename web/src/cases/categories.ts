/** The tree of categories, as somebody chooses from it. */
import type { Category } from "@/api";

export interface CategoryGroup {
  main: Category;
  choices: readonly Category[];
}

/** What may be chosen, below the main category that it belongs to; one without subcategories is below itself. */
export function grouped(categories: readonly Category[]): CategoryGroup[] {
  return categories
    .filter(({ parent }) => parent === null)
    .map((main) => ({
      main,
      choices: categories.filter((one) => one.selectable && (one.parent ?? one.code) === main.code),
    }))
    .filter(({ choices }) => choices.length > 0);
}

/** Whether it is needed and nothing was said in it. */
export function isUnsaid(field: Category["fields"][number], said: Readonly<Record<string, string>>): boolean {
  return field.required && !said[field.code]?.trim();
}

/** What the server calls a field in an answer about it. */
export const whereOf = (code: string): string => `fields.${code}`;

/** What was said in those fields, by code; nothing of other categories' fields, and nothing empty. */
export function saidIn(fields: Category["fields"], said: Readonly<Record<string, string>>): Record<string, string> {
  const kept = fields.map(({ code }) => [code, (said[code] ?? "").trim()] as const).filter(([, text]) => text !== "");
  return Object.fromEntries(kept);
}

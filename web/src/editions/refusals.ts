/** Why an edition was left as it is, by the problem document. Pure. */
import type { Problem } from "@/api";

const CODES = new Set(["crosses_children", "code_used", "unsound", "outline_differs", "edition_changed", "scheduled", "not_a_draft", "findings", "no_change", "duplicate_code", "base_changed", "later_scheduled"]);
const FIELDS = new Set(["line", "grids", "parent", "name", "code", "codes", "tolerance_m", "at", "accept_reason"]);

export interface Replaced {
  id: number;
  name: string;
}

/** The edition that a draft would replace without having been made of it; null where it is refused for something else. */
export function replacedOf({ code, members }: Problem): Replaced | null {
  const between: unknown = members.came_between;
  if (code !== "base_changed" || !Array.isArray(between)) return null;
  const last: unknown = between.at(-1);
  return isReplaced(last) ? last : null;
}

function isReplaced(one: unknown): one is Replaced {
  return typeof one === "object" && one !== null && "id" in one && typeof one.id === "number" && "name" in one && typeof one.name === "string";
}

/** The key of its words in `editions.refusal`; null for what is no refusal of this kind. */
export function refusalOf({ status, code, field }: Problem): string | null {
  if (CODES.has(code)) return code;
  if (![400, 409, 422].includes(status) || field === null) return null;
  const name = field.split(".").pop() ?? "";
  return FIELDS.has(name) ? name : null;
}

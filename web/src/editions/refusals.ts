/** Why an edition was left as it is, by the problem document. Pure. */
import type { Problem } from "@/api";

const CODES = new Set(["crosses_children", "code_used", "unsound", "outline_differs", "edition_changed", "scheduled", "not_a_draft", "findings", "no_change", "duplicate_code"]);
const FIELDS = new Set(["line", "grids", "parent", "name", "code", "codes", "tolerance_m", "at", "accept_reason"]);

/** The key of its words in `editions.refusal`; null for what is no refusal of this kind. */
export function refusalOf({ status, code, field }: Problem): string | null {
  if (CODES.has(code)) return code;
  if (![400, 409, 422].includes(status) || field === null) return null;
  const name = field.split(".").pop() ?? "";
  return FIELDS.has(name) ? name : null;
}

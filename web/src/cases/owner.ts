/** Who a case is with, in words. */
import type { Case } from "@/api";
import type { Words } from "@/i18n";

/** Before it is filed a case is nobody's; afterwards without a name it is the dispatch desk's. */
export function ownerName(one: Pick<Case, "owner" | "owner_reason">, t: Words["t"]): string {
  if (one.owner) return one.owner.name;
  return t(one.owner_reason ? "cases.nobody" : "cases.notYet");
}

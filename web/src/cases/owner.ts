/** Who a case is with, in words. */
import type { Case } from "@/api";
import type { Words } from "@/i18n";

/** Before it is filed a case is nobody's; afterwards without a name it is the dispatch desk's, or the county's. */
export function ownerName(one: Pick<Case, "owner" | "owner_reason" | "tier">, t: Words["t"]): string {
  if (one.owner) return one.owner.name;
  if (one.tier === "county") return t("tier.county");
  return t(one.owner_reason ? "cases.nobody" : "cases.notYet");
}

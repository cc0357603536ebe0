/** Where a notice leads that is about several cases. Pure. */
import type { Notice } from "@/api";
import type { Link } from "@/shell/link";

/** What the list shows: to the dispatch desk what is to be dispatched, to anybody else what is with them now. */
export function casesToActOn({ detail }: Pick<Notice, "detail">): Pick<Link, "caseFilter" | "caseOnly"> {
  return detail === "desk" ? { caseFilter: "new", caseOnly: [] } : { caseFilter: "open", caseOnly: ["mine"] };
}

/** Why somebody looks at what is recorded about another: said before, kept in the audit. Pure. */
import type { Problem } from "@/api";

export const CAUSES = ["attendance", "case", "complaint", "safety"] as const;
export type Cause = (typeof CAUSES)[number];

/** What the reason probably is. */
export interface Suggestion {
  cause: Cause;
  written: string;
}

const LEAST = 2;
export const MOST = 200;

/** The reason as it is sent: the cause, what was written, or both; null while that says too little. */
export function reasonOf(cause: string | null, written: string): string | null {
  const said = [cause, written.trim()].filter(Boolean).join(": ");
  return said.length < LEAST ? null : said.slice(0, MOST);
}

export function wantsReason(problem: Problem | null): boolean {
  return problem?.code === "reason_required";
}

/** "138****1234": the rest is there, and is shown to those who may see it and say why. */
export function isMasked(value: string | null | undefined): boolean {
  return value?.includes("*") ?? false;
}

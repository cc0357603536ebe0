/** Lists of other systems' tickets, and which cases may be about the same. */
import { ask, fetchForm, sendForm } from "./http";
import type { CaseImport, CasePair, CasePairPage } from "./types";

export function importCases(form: FormData): Promise<CaseImport> {
  return sendForm("post", "/api/v1/case-imports", form);
}

/** The rows that are refused, as they were, each with why. */
export function refusedRows(form: FormData): Promise<Blob> {
  return fetchForm("/api/v1/case-imports", form, { format: "csv" });
}

/** Two by two, the earliest first: those whose earlier one was reported in that time. */
export function casePairs(from: Date, to: Date, cursor: string | null): Promise<CasePairPage> {
  return ask("get", "/api/v1/case-duplicates", { query: { from: from.toISOString(), to: to.toISOString(), cursor, limit: 100 } });
}

/** They are two: the pair is not listed any more, nor is either a duplicate of the other. */
export async function tellApart({ first, second }: CasePair): Promise<void> {
  await ask("post", "/api/v1/cases/{id}/distinct/{other}", { path: { id: first.id, other: second.id } });
}

export async function takeBackApart({ first, second }: CasePair): Promise<void> {
  await ask("delete", "/api/v1/cases/{id}/distinct/{other}", { path: { id: first.id, other: second.id } });
}

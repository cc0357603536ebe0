/** A list of another system, as it is looked at and imported. Pure, but for the asking. */
import type { CaseImport } from "@/api";
import type { Session } from "@/shell/session";

export const FIELDS = [
  ...(["number", "description", "category", "lon", "lat", "crs", "address", "reporter", "phone"] as const),
  ...(["told_at", "due_at", "closed_at", "status", "urgent"] as const),
];
export type Field = (typeof FIELDS)[number];

/** Those that a list of people's tickets can come from. */
export const SOURCES = ["hotline", "citizen", "patrol", "camera", "open311"] as const;
export const SYSTEMS = ["wgs84", "cgcs2000", "gcj02", "bd09"] as const;

/** So many rows at a time: the page tells how far it is, and may stop between them. */
export const AT_ONCE = 200;

export interface Asked {
  source: string;
  crs: string;
  zone: string;
  history: boolean;
  /** by field: a column, or "" for none; what is not said is found by the columns' names */
  chosen: Partial<Record<Field, string>>;
}

export function usualAsked(): Asked {
  return { source: "hotline", crs: "wgs84", zone: "Asia/Shanghai", history: false, chosen: {} };
}

/** A list may be of anywhere: only who sees the whole town brings one. */
export function mayImport(session: Pick<Session, "may" | "account">): boolean {
  return session.may("create_cases") && session.account.value?.scope.everything === true;
}

/** `column=field`. `found` is what each field was read from by itself: a field that is left out leaves that column out. */
export function mappingOf(chosen: Asked["chosen"], found: Readonly<Record<string, string>>): string[] {
  const taken = new Set(Object.values(chosen).filter(Boolean));
  return Object.entries(chosen).flatMap(([field, column]) => {
    if (column) return [`${column}=${field}`];
    const own = found[field];
    return own && !taken.has(own) ? [`${own}=`] : [];
  });
}

export function formOf(file: File, asked: Asked, found: Readonly<Record<string, string>>, more: Readonly<Record<string, string | number | boolean>>): FormData {
  const form = new FormData();
  form.append("files", file, file.name);
  const { source, crs, zone, history } = asked;
  for (const [name, value] of Object.entries({ source, crs, zone, history, ...more })) form.append(name, String(value));
  for (const pair of mappingOf(asked.chosen, found)) form.append("mapping", pair);
  return form;
}

const COUNTED = ["rows", "new", "kept", "changed", "due_moved", "unchanged", "outside", "refused"] as const;

/** What came of several parts of one list. */
export function together(before: CaseImport | null, part: CaseImport): CaseImport {
  if (!before) return part;
  const sums = Object.fromEntries(COUNTED.map((name) => [name, before[name] + part[name]])) as Pick<CaseImport, (typeof COUNTED)[number]>;
  const unknown = new Map(before.unknown_categories.map((one) => [one.said, one]));
  for (const one of part.unknown_categories) unknown.set(one.said, { ...one, count: one.count + (unknown.get(one.said)?.count ?? 0) });
  return {
    ...part,
    ...sums,
    unknown_categories: [...unknown.values()],
    problems: [...before.problems, ...part.problems],
    cases: [...(before.cases ?? []), ...(part.cases ?? [])],
  };
}

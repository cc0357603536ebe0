/** The audit's records in words, and its filter. Pure. */
import type { AuditFilter } from "@/api";
import { spanOfDay } from "@/replay/day";

/** A family of actions is everything that begins with it. */
export const FAMILIES = ["session.", "password.", "totp.", "account.", "token.", "device.", "staff.", "post.", "unit.", "role.", "track.", "replay.", "nearby.", "grid_visits.", "phone.", "reporter.", "edition.", "retention.", "audit."] as const;

export const SUBJECTS = ["account", "unit", "case", "staff", "device", "role", "edition", "grid", "place"] as const;

export interface Wanted {
  actor: string;
  family: string;
  subjectKind: string;
  subject: string;
  /** yyyy-mm-dd, both included */
  from: string;
  to: string;
}

export function nothingWanted(): Wanted {
  return { actor: "", family: "", subjectKind: "unit", subject: "", from: "", to: "" };
}

export function filterOf({ actor, family, subjectKind, subject, from, to }: Wanted): AuditFilter {
  return {
    ...(actor.trim() ? { actor: actor.trim() } : {}),
    ...(family ? { action: family } : {}),
    ...(subject.trim() ? { subject: `${subjectKind} ${subject.trim()}` } : {}),
    ...(from ? { from: new Date(spanOfDay(from).from).toISOString() } : {}),
    ...(to ? { to: new Date(spanOfDay(to).to).toISOString() } : {}),
  };
}

/** "unit GW-017" as its kind and its name. */
export function partsOfSubject(subject: string): { kind: string; name: string } {
  const cut = subject.indexOf(" ");
  return cut < 0 ? { kind: subject, name: "" } : { kind: subject.slice(0, cut), name: subject.slice(cut + 1) };
}

/** How a detail is said: names and values are codes, an instant is a time in ISO 8601. */
export interface DetailWords {
  name: (name: string) => string;
  value: (name: string, value: string) => string;
  instant: (at_ms: number) => string;
  yes: string;
  no: string;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

function said(name: string, value: unknown, words: DetailWords): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.map((one) => said(name, one, words)).join(", ") || "—";
  if (typeof value === "object") {
    const change = value as Record<string, unknown>;
    if ("old" in change || "new" in change) return `${said(name, change["old"], words)} → ${said(name, change["new"], words)}`;
    return JSON.stringify(value);
  }
  const text = String(value);
  return INSTANT.test(text) ? words.instant(Date.parse(text)) : words.value(name, text);
}

/** Details as short lines, without what is empty; a period is one line. */
export function linesOfDetails(details: Readonly<Record<string, unknown>>, words: DetailWords): string[] {
  const { from, to, ...rest } = details;
  const isPeriod = typeof from === "string" && typeof to === "string";
  const shown = isPeriod ? rest : details;
  const lines = Object.entries(shown)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${words.name(name)} ${said(name, value, words)}`);
  return isPeriod ? [`${said("from", from, words)} – ${said("to", to, words)}`, ...lines] : lines;
}

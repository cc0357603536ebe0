/** A category while somebody writes it, and what is sent for it. Pure. */
import type { Category, CategoryChange, NewCategory } from "@/api";

type FieldKind = Category["fields"][number]["kind"];

/** The short forms of a term, as the server reads them. */
export const TERM_UNITS = ["h", "d", "wh", "wd", "wdh"] as const;
export type TermUnit = (typeof TERM_UNITS)[number];
export const FIELD_KINDS = ["text", "number", "choice"] as const satisfies readonly FieldKind[];
export const PHOTO_NEEDS = ["report", "before", "after", "handling"] as const satisfies Category["photos"];
export const DISPATCH_RULES = ["grid", "department", "enforcement"] as const satisfies readonly Category["dispatch"][];
export const MOST_FIELDS = 20;

export interface FieldDraft {
  /** tells fields apart while their codes are written */
  key: number;
  code: string;
  title_zh: string;
  title_en: string;
  kind: FieldKind;
  required: boolean;
  /** one in each line */
  choices: string;
}

export interface CategoryDraft {
  code: string;
  parent: string | null;
  /** empty is the next that is free */
  number: string;
  kind: Category["kind"];
  title_zh: string;
  title_en: string;
  amount: number | "";
  unit: TermUnit;
  urgent: boolean;
  department: string | null;
  photos: Category["photos"];
  dispatch: Category["dispatch"];
  active: boolean;
  fields: FieldDraft[];
  /** one in each line */
  aliases: string;
}

/** `3d`, `5wd`. */
export function termOf(rule: string): { amount: number; unit: TermUnit } {
  const read = /^(\d+)(\w+)$/.exec(rule);
  const unit = TERM_UNITS.find((one) => one === read?.[2]) ?? "d";
  return { amount: Number(read?.[1] ?? 1), unit };
}

export function draftOf(category: Category | null): CategoryDraft {
  return {
    code: category?.code ?? "",
    parent: category?.parent ?? null,
    number: category?.number ?? "",
    kind: category?.kind ?? "event",
    title_zh: category?.title.zh ?? "",
    title_en: category?.title.en ?? "",
    ...termOf(category?.term.rule ?? "3d"),
    urgent: category?.urgent ?? false,
    department: category?.department ?? null,
    photos: category?.photos ?? ["before", "after", "handling"],
    dispatch: category?.dispatch ?? "grid",
    active: category?.active ?? true,
    fields: (category?.fields ?? []).map(({ code, title, kind, required, choices }, key) => ({
      key,
      code,
      title_zh: title.zh,
      title_en: title.en,
      kind,
      required,
      choices: choices.join("\n"),
    })),
    aliases: (category?.aliases ?? []).join("\n"),
  };
}

export function emptyField(fields: readonly FieldDraft[]): FieldDraft {
  const codes = new Set(fields.map(({ code }) => code));
  let number = fields.length + 1;
  while (codes.has(`field_${number}`)) number++;
  const key = Math.max(-1, ...fields.map((field) => field.key)) + 1;
  return { key, code: `field_${number}`, title_zh: "", title_en: "", kind: "text", required: false, choices: "" };
}

export function linesIn(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** What is wrong with a field, which the server only says of all of them together. */
export function faultOf(field: FieldDraft, all: readonly FieldDraft[]): "title" | "code" | "twice" | "choices" | null {
  if (!field.title_zh.trim()) return "title";
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(field.code.trim())) return "code";
  if (all.some((other) => other !== field && other.code.trim() === field.code.trim())) return "twice";
  if (field.kind === "choice" && linesIn(field.choices).length === 0) return "choices";
  return null;
}

/** As the server compares names: case, full or half width, and spaces make no difference. */
const compared = (name: string): string => name.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/** The first alias that another category has already, and which. */
export function takenAlias(draft: CategoryDraft, categories: readonly Category[]): { alias: string; by: Category } | null {
  const others = categories.filter(({ code, active }) => active && code !== draft.code);
  for (const alias of linesIn(draft.aliases)) {
    const by = others.find(({ code, title, aliases, selectable }) => [...aliases, ...(selectable ? [code, title.zh, title.en] : [])].some((name) => compared(name) === compared(alias)));
    if (by) return { alias, by };
  }
  return null;
}

/** A category with a further alias, as the interface wants it. */
export function withAlias(category: Category, alias: string): CategoryChange {
  return { ...bodyOf(draftOf(category)), aliases: [...category.aliases, alias], version: category.version };
}

/** Everything but its code, as the interface wants it. */
export function bodyOf(draft: CategoryDraft): CategoryChange {
  return {
    parent: draft.parent,
    number: draft.number.trim() || null,
    kind: draft.parent === null ? draft.kind : null,
    title_zh: draft.title_zh,
    title_en: draft.title_en.trim() || null,
    term: `${draft.amount}${draft.unit}`,
    urgent: draft.urgent,
    department: draft.department,
    photos: PHOTO_NEEDS.filter((need) => draft.photos.includes(need)),
    dispatch: draft.dispatch,
    active: draft.active,
    fields: draft.fields.map(({ code, title_zh, title_en, kind, required, choices }) => ({
      code: code.trim(),
      title_zh,
      title_en: title_en.trim() || null,
      kind,
      required,
      choices: kind === "choice" ? linesIn(choices) : [],
    })),
    aliases: linesIn(draft.aliases),
  };
}

export function newCategory(draft: CategoryDraft): NewCategory {
  return { code: draft.code.trim(), ...bodyOf(draft) };
}

export function isTouched(category: Category, draft: CategoryDraft): boolean {
  return JSON.stringify(bodyOf(draftOf(category))) !== JSON.stringify(bodyOf(draft));
}

/** The names of what is another in `now` than in `before`. */
export function differing(before: Category, now: Category): string[] {
  const [old, other] = [bodyOf(draftOf(before)), bodyOf(draftOf(now))];
  return (Object.keys(other) as (keyof CategoryChange)[]).filter((name) => JSON.stringify(old[name]) !== JSON.stringify(other[name]));
}

/** What the viewer has changed since `before`, upon what the category is `now`. */
export function rebased(before: Category, now: Category, draft: CategoryDraft): CategoryDraft {
  const old = draftOf(before);
  const names = Object.keys(old) as (keyof CategoryDraft)[];
  const touchedNames = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(draft[name]));
  const mine = Object.fromEntries(touchedNames.map((name) => [name, draft[name]]));
  // Half of a term is none.
  const term = "amount" in mine || "unit" in mine ? { amount: draft.amount, unit: draft.unit } : {};
  return { ...draftOf(now), ...mine, ...term };
}

/** A code below another main category keeps what was written after the dot. */
export function codeBelow(code: string, parent: string | null): string {
  const own = code.slice(code.indexOf(".") + 1);
  return parent === null ? own : `${parent}.${code.includes(".") || code === "" ? own : code}`;
}

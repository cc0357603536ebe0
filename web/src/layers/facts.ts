/** The fields of a feature as lines of a drawer. Pure. */
import type { CatalogLayer } from "@/api";
import type { Fact } from "@/shell/FactList.vue";

const TITLES = ["name", "名称", "title", "number", "code", "编码"];

/** What a feature is called, by the first of the usual fields that says something. */
export function titleIn(properties: Readonly<Record<string, unknown>>): string {
  for (const name of TITLES) {
    const value = properties[name];
    if (typeof value === "string" && value.trim()) return value;
  }
  return "";
}

function textOf(value: unknown, type: string | undefined, fullTime: (at_ms: number) => string, t: (key: string) => string): string {
  if (typeof value === "boolean") return t(value ? "layers.yes" : "layers.no");
  if (typeof value === "number") return String(Number(value.toPrecision(10)));
  if (type === "Instant" && typeof value === "string" && !Number.isNaN(Date.parse(value))) return fullTime(Date.parse(value));
  return typeof value === "string" ? value : JSON.stringify(value);
}

export interface FactWords {
  t: (key: string) => string;
  wordOf: (group: string, code: string, otherwise: string) => string;
  fullTime: (at_ms: number) => string;
}

/** In the order of the layer's fields, under the word for it or its own name; empty ones are left out. */
export function factsOf(
  properties: Readonly<Record<string, unknown>>,
  fields: CatalogLayer["fields"],
  { t, wordOf, fullTime }: FactWords,
): Fact[] {
  const names = Object.keys(fields).length > 0 ? Object.keys(fields) : Object.keys(properties);
  return names.flatMap((name) => {
    const value = properties[name];
    if (value === null || value === undefined || value === "") return [];
    const text = textOf(value, fields[name], fullTime, t);
    return [{ key: name, name: wordOf("layers.fields", name, name), value: wordOf(`layers.values.${name}`, String(value), text) }];
  });
}

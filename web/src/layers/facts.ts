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

/** In the order of the layer's fields, under their own names; empty ones are left out. */
export function factsOf(
  properties: Readonly<Record<string, unknown>>,
  fields: CatalogLayer["fields"],
  fullTime: (at_ms: number) => string,
  t: (key: string) => string,
): Fact[] {
  const names = Object.keys(fields).length > 0 ? Object.keys(fields) : Object.keys(properties);
  return names.flatMap((name) => {
    const value = properties[name];
    if (value === null || value === undefined || value === "") return [];
    return [{ key: name, name, value: textOf(value, fields[name], fullTime, t) }];
  });
}

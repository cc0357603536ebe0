/** The form that files are sent in: what is said of all of them, and of each map alone. Pure. */
import type { GridsPreview } from "@/api";

export const COLUMN_ROLES = ["code", "name", "parent", "level"] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];
export type UploadedLayer = GridsPreview["layers"][number];

/** What is said of one map; what is empty is left to the server, or as for all. */
export interface MapChoice {
  level: string;
  crs: string;
  layer: string;
  encoding: string;
  columns: Record<ColumnRole, string>;
}

/** One map, by the name that the server has for it: `layer` is the one that would be read. */
export interface UploadedMap {
  file: string;
  layers: readonly UploadedLayer[];
  layer: UploadedLayer | null;
  problem: { code: string; detail: string } | null;
}

export const ENCODINGS = ["UTF-8", "GB18030", "Big5"] as const;
const TEXT_OF_MANY_KINDS = /\.(shp|csv|tsv|tab)$/i;

/** CGCS2000 in zones of 3 degrees without their number before the easting: EPSG:4534 (75°) to 4554 (135°). */
export const ZONES = Array.from({ length: 21 }, (_, i) => ({ crs: `EPSG:${4534 + i}`, meridian: 75 + 3 * i }));

export function noChoice(): MapChoice {
  return { level: "", crs: "", layer: "", encoding: "", columns: { code: "", name: "", parent: "", level: "" } };
}

/** Whether a map's text may be in an encoding that nothing says. */
export function hasEncoding(file: string): boolean {
  return TEXT_OF_MANY_KINDS.test(file);
}

/** The maps of a preview, in its order. */
export function mapsOf(layers: readonly UploadedLayer[]): UploadedMap[] {
  const files = [...new Set(layers.map((layer) => layer.file))];
  return files.map((file) => {
    const own = layers.filter((one) => one.file === file);
    const layer = own.find((one) => one.is_read) ?? (own.length === 1 ? (own[0] ?? null) : null);
    return { file, layers: own, layer, problem: problemOf(layer) };
  });
}

/** Before a layer is chosen, nothing else is to be said. */
function problemOf(layer: UploadedLayer | null): UploadedMap["problem"] {
  if (layer === null) return { code: "several_layers", detail: "" };
  return layer.problem === null ? null : { code: layer.problem_code ?? "", detail: layer.problem };
}

/** What is empty is left to the server. */
export function formOf(files: readonly File[], maps: Readonly<Record<string, MapChoice>>, said: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  for (const [name, value] of Object.entries(said)) if (value) form.append(name, value);
  for (const [file, choice] of Object.entries(maps)) {
    const one = orderOf(choice);
    if (Object.keys(one).length > 0) form.append("map", JSON.stringify({ file, ...one }));
  }
  return form;
}

function orderOf({ level, crs, layer, encoding, columns }: MapChoice): Record<string, string | number> {
  const fields = COLUMN_ROLES.map((role): [string, string] => [`${role}_field`, columns[role]]);
  const texts = [["crs", crs], ["layer", layer], ["encoding", encoding], ...fields].filter(([, value]) => value);
  return { ...(level ? { level: Number(level) } : {}), ...Object.fromEntries(texts) };
}

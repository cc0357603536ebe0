/** What the page makes of the catalog's layers. Pure. */
import type { CatalogLayer } from "@/api";
import type { Overlay } from "@/map/overlays";
import { LINE_COLOURS } from "@/map/palette";
import type { Part } from "@/map/symbols";
import type { LayerName } from "@/shell/link";

/** Those that the page draws by hand, by their names in the catalog. */
export const BY_HAND: Record<LayerName, string> = {
  people: "staff",
  cases: "cases",
  grids: "grids",
  cameras: "cameras",
  facilities: "facilities",
  basemap: "basemap",
};

/** What cameras see comes with their tiles, and is switched on by itself. */
export const CAMERA_VIEWS = "camera_views";

const HEX = /^#[0-9a-f]{6}$/i;
const DRAWN = new Set(Object.values(BY_HAND));

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** Without a colour of its own a layer gets one by its name: the same every day. */
export function colourOf({ id, style }: Pick<CatalogLayer, "id" | "style">): string {
  const color: unknown = style["color"];
  if (typeof color === "string" && HEX.test(color)) return color;
  const sum = [...id].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 9973, 7);
  return LINE_COLOURS[sum % LINE_COLOURS.length] ?? "#0072B2";
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function shadeIn(style: Record<string, unknown>): Overlay["shade"] {
  const { field, least, most } = recordOf(style["shade"]);
  return typeof field === "string" && typeof least === "number" && typeof most === "number" && 0 < least && least < most ? { field, least, most } : null;
}

function colorsIn(said: unknown): Overlay["colors"] {
  const { field, values } = recordOf(said);
  if (typeof field !== "string") return null;
  const known = Object.entries(recordOf(values)).filter((entry): entry is [string, string] => typeof entry[1] === "string" && HEX.test(entry[1]));
  return { field, values: Object.fromEntries(known) };
}

function overlayOf(layer: CatalogLayer): Overlay {
  return {
    id: layer.id,
    tiles: layer.tiles ?? "",
    sublayers: layer.sublayers,
    minzoom: layer.minzoom,
    maxzoom: layer.maxzoom,
    color: colourOf(layer),
    radius_px: numberOf(layer.style["radius_px"], 4),
    width_px: numberOf(layer.style["width_px"], 1.5),
    opacity: numberOf(layer.style["opacity"], 0.25),
    shade: shadeIn(layer.style),
    colors: colorsIn(layer.style["colors"]),
    opens: true,
  };
}

/** Where a layer stands in the list: the system's, one that is worked out, one that somebody added. */
export const GROUPS = ["builtIn", "computed", "added"] as const;
export type Group = (typeof GROUPS)[number];

function groupOf({ source }: CatalogLayer): Group {
  return source === "built_in" ? "builtIn" : source === "computed" ? "computed" : "added";
}

export interface LayerChoice {
  overlay: Overlay;
  /** null for what has a name of the page's own */
  title: CatalogLayer["title"] | null;
  geometry: CatalogLayer["geometry"];
  group: Group;
  /** its colours where it is asked over windows of time */
  overTime: Overlay["colors"];
}

/** What can be switched on beside the layers drawn by hand. Tracks have no tiles: they are looked at one by one. */
export function choicesOf(layers: readonly CatalogLayer[]): LayerChoice[] {
  return layers.flatMap((layer): LayerChoice[] => {
    if (!layer.tiles) return [];
    if (layer.sublayers.includes(CAMERA_VIEWS)) {
      const views = { ...overlayOf(layer), id: CAMERA_VIEWS, sublayers: [CAMERA_VIEWS], minzoom: 13, width_px: 1, opacity: 0.12, opens: false };
      return [{ overlay: views, title: null, geometry: "polygon", group: "builtIn", overTime: null }];
    }
    if (DRAWN.has(layer.id)) return [];
    return [{ overlay: overlayOf(layer), title: layer.title, geometry: layer.geometry, group: groupOf(layer), overTime: colorsIn(layer.style["over_time"]) }];
  });
}

/** The layers whose tiles may be others than before: another version, or one that nobody counts. */
export function changedSince(before: readonly CatalogLayer[], now: readonly CatalogLayer[]): string[] {
  const versions = new Map(before.map(({ id, version }) => [id, version]));
  return now.filter(({ id, version }) => versions.has(id) && (version === null || version !== versions.get(id))).map(({ id }) => id);
}

/** How a layer looks in a list. */
export function overlaySymbol({ color, width_px, opacity }: Overlay, geometry: CatalogLayer["geometry"], ground: string): Part[] {
  if (geometry === "point") return [{ d: "M5 12a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z", fill: color, stroke: ground, width: 2 }];
  const width = Math.max(2, width_px * 1.5);
  if (geometry === "line") return [{ d: "M4 17 9 9l6 5 5-8", stroke: color, width }];
  const share = Math.round(opacity * 255).toString(16).padStart(2, "0");
  return [{ d: "M4 5h16v14H4Z", fill: `${color}${share}`, stroke: color, width }];
}

/** Layers of the catalog that nobody draws by hand: from their tiles, by their style. */
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import { getCenter } from "ol/extent";
import MVT from "ol/format/MVT";
import type { Geometry } from "ol/geom";
import type BaseLayer from "ol/layer/Base";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import type OlMap from "ol/Map";
import VectorSource from "ol/source/Vector";
import VectorTileSource from "ol/source/VectorTile";
import { Circle, Fill, Stroke, Style } from "ol/style";
import type { LonLat } from "@/api";
import { fromMap, geojson } from "./ground";
import type { Palette } from "./palette";

export interface Overlay {
  id: string;
  /** with the places {z}, {x} and {y} */
  tiles: string;
  /** the names inside its tiles that are drawn */
  sublayers: readonly string[];
  minzoom: number;
  maxzoom: number;
  /** #RRGGBB */
  color: string;
  radius_px: number;
  width_px: number;
  /** of areas, 0 to 1 */
  opacity: number;
  /** the more a feature has of the field, the less transparent it is */
  shade: { field: string; least: number; most: number } | null;
  /** colours by the value of a field; others are not drawn */
  colors: { field: string; values: Readonly<Record<string, string>> } | null;
  /** whether a click on a feature opens it */
  opens: boolean;
}

interface Drawn {
  overlay: Overlay;
  layer: VectorTileLayer;
  source: VectorTileSource;
  revision: number;
}

/** Over areas and borders, under cameras and everything that moves. */
const Z_INDEX = 4.5;
/** Tiles are twice as wide as a zoom of the page counts on: theirs is one less. */
const ZOOM_OF_TILES = 1;

function opaque(color: string, opacity: number): string {
  const share = Math.round(Math.max(0, Math.min(1, opacity)) * 255);
  return `${color}${share.toString(16).padStart(2, "0")}`;
}

interface Look {
  line: Style;
  area: Style;
  point: Style;
}

function lookOf({ radius_px, width_px }: Overlay, color: string, opacity: number, palette: Palette): Look {
  const stroke = new Stroke({ color: opaque(color, Math.max(opacity, 0.5)), width: width_px });
  return {
    line: new Style({ stroke: new Stroke({ color, width: width_px }) }),
    area: new Style({ stroke, fill: new Fill({ color: opaque(color, opacity) }) }),
    point: new Style({
      image: new Circle({ radius: radius_px, fill: new Fill({ color }), stroke: new Stroke({ color: palette.ground, width: 1.5 }), declutterMode: "obstacle" }),
    }),
  };
}

const SHADES = 10;

/** 0 to 1, in steps, so that few styles are made: where between the least and the most a value lies, by its logarithm. */
export function shadeOf({ least, most }: { least: number; most: number }, value: unknown): number {
  if (typeof value !== "number" || !(value > 0)) return 0;
  const share = Math.log(value / least) / Math.log(most / least);
  return Math.max(1, Math.ceil(Math.min(1, Math.max(0, share)) * SHADES)) / SHADES;
}

function styleOf(overlay: Overlay, palette: Palette): (feature: FeatureLike) => Style | undefined {
  const looks = new Map<string, Look>();
  return (feature) => {
    const color = overlay.colors ? overlay.colors.values[String(feature.get(overlay.colors.field))] : overlay.color;
    if (!color) return undefined;
    const opacity = overlay.opacity * (overlay.shade ? shadeOf(overlay.shade, feature.get(overlay.shade.field)) : 1);
    const key = opaque(color, opacity);
    const look = looks.get(key) ?? lookOf(overlay, color, opacity, palette);
    looks.set(key, look);
    const type = feature.getGeometry()?.getType() ?? "";
    return type.endsWith("Point") ? look.point : type.endsWith("Polygon") ? look.area : look.line;
  };
}

/** The view's zoom from which on a layer has anything to show. */
export function zoomFrom({ minzoom }: Pick<Overlay, "minzoom">): number {
  return minzoom === 0 ? 0 : minzoom + ZOOM_OF_TILES - 0.5;
}

export class Overlays {
  private readonly drawn = new Map<string, Drawn>();
  private readonly chosen = new VectorSource();
  private readonly highlight = new VectorLayer({ source: this.chosen, zIndex: 6.5 });
  /** what was under the pointer last, by layer and id */
  private readonly met = new Map<string, Record<string, unknown>>();

  constructor(
    private readonly map: OlMap,
    private palette: Palette,
  ) {
    map.addLayer(this.highlight);
    this.paint(palette);
  }

  /** Those that are on; what is drawn already stays as it is. */
  show(wanted: readonly Overlay[]): void {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, { layer }] of this.drawn) {
      if (ids.has(id)) continue;
      this.map.removeLayer(layer);
      layer.dispose();
      this.drawn.delete(id);
    }
    for (const overlay of wanted) {
      const known = this.drawn.get(overlay.id);
      if (known) this.replace(known, overlay);
      else this.add(overlay);
      this.drawn.get(overlay.id)?.layer.setStyle(styleOf(overlay, this.palette));
    }
  }

  private replace(drawn: Drawn, overlay: Overlay): void {
    if (drawn.overlay.tiles !== overlay.tiles) drawn.source.setUrl(overlay.tiles);
    drawn.overlay = overlay;
  }

  private add(overlay: Overlay): void {
    const source = new VectorTileSource({
      format: new MVT({ layers: [...overlay.sublayers] }),
      url: overlay.tiles,
      maxZoom: overlay.maxzoom,
      transition: 0,
    });
    // In tiles OpenLayers finds only points that take part in decluttering; as obstacles they are always drawn.
    const layer = new VectorTileLayer({ source, declutter: `overlay ${overlay.id}`, minZoom: zoomFrom(overlay) - 0.01, zIndex: overlay.opens ? Z_INDEX : 2.5, renderBuffer: 32 });
    this.drawn.set(overlay.id, { overlay, layer, source, revision: 0 });
    this.map.addLayer(layer);
  }

  /**
   * Asks for the tiles of a layer anew. A fragment is never sent, so that the browser asks with the ETag
   * that it kept; the tiles that are there stay until the new ones are.
   */
  refresh(id: string): void {
    const found = this.drawn.get(id);
    if (!found) return;
    found.revision += 1;
    found.source.setUrl(`${found.overlay.tiles}#${found.revision}`);
  }

  /** Which overlay a layer of the map is; null for one that does not open. */
  idOf(layer: BaseLayer | null): string | null {
    for (const [id, drawn] of this.drawn) if (drawn.layer === layer && drawn.overlay.opens) return id;
    return null;
  }

  /** Keeps what a feature's tile says of it, for whoever lists what lies here. */
  meet(id: string, feature: FeatureLike): string | null {
    const key = feature.getId() ?? feature.get("id");
    if (key === undefined) return null;
    const { geometry: _, ...said } = feature.getProperties();
    this.met.set(`${id}:${key}`, said);
    return `${id}:${key}`;
  }

  said(key: string): Record<string, unknown> {
    return this.met.get(key) ?? {};
  }

  /** Draws around what is chosen. `geometry` is GeoJSON in degrees. */
  choose(geometry: object | null): void {
    this.chosen.clear(true);
    if (geometry) this.chosen.addFeature(new Feature(geojson.readGeometry(geometry) as Geometry));
    else this.chosen.changed();
  }

  /** The middle of what is chosen. */
  placeOfChosen(): LonLat | null {
    const extent = this.chosen.isEmpty() ? undefined : this.chosen.getExtent();
    return extent ? fromMap(getCenter(extent)) : null;
  }

  paint(palette: Palette): void {
    this.palette = palette;
    for (const { overlay, layer } of this.drawn.values()) layer.setStyle(styleOf(overlay, palette));
    const around = { stroke: new Stroke({ color: palette.accent, width: 3 }), fill: new Fill({ color: palette.accentFill }) };
    this.highlight.setStyle(new Style({ ...around, image: new Circle({ radius: 10, ...around }) }));
  }
}

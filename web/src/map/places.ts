/**
 * Points that travel in tiles but live as features: cameras and facilities.
 *
 * As ordinary features they can be found by code, counted, and drawn beyond the edge of their tile
 * (a camera's field of view crosses it).
 */
import type Feature from "ol/Feature";
import OlFeature from "ol/Feature";
import { getCenter } from "ol/extent";
import MVT from "ol/format/MVT";
import { Point, Polygon } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import { tile as byTile } from "ol/loadingstrategy";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import { createXYZ } from "ol/tilegrid";
import type { LonLat } from "@/api";
import { fromMap, tileUrl, unitsPerMetre } from "./ground";
import { mark, remember } from "./marks";
import { FONT, type Palette, quietOf } from "./palette";
import { cameraSymbol, facilitySymbol } from "./symbols";

/** One step of tiles is enough for points: what is read once serves every zoom. */
const TILE_ZOOM = 13;
const FROM_ZOOM = 12;
const tiles = createXYZ({ minZoom: TILE_ZOOM, maxZoom: TILE_ZOOM });

/** What every street has many of: drawn from close by only, and named only when pointed at. */
const STREET_FURNITURE = new Set(["street_lamp", "manhole", "trash_station", "hydrant"]);

export type PlaceKind = "camera" | "facility";

function sourceOf(layer: string): VectorSource {
  // What cameras see travels in the same tiles, under their codes.
  const format = new MVT<OlFeature>({ featureClass: OlFeature, layers: [layer] });
  const source = new VectorSource({
    strategy: byTile(tiles),
    loader: (extent, _resolution, projection, success, failure) => {
      const [z = 0, x = 0, y = 0] = tiles.getTileCoordForCoordAndZ(getCenter(extent), TILE_ZOOM);
      const url = tileUrl(layer).replace("{z}", `${z}`).replace("{x}", `${x}`).replace("{y}", `${y}`);
      const retryLater = (): void => {
        source.removeLoadedExtent(extent);
        failure?.();
      };
      fetch(url, { credentials: "same-origin" })
        .then(async (answer) => {
          if (!answer.ok) return retryLater();
          const data = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
          const features = format.readFeatures(data, { extent, featureProjection: projection });
          // Neighbouring tiles both carry what lies in their common margin.
          const unseen = features.filter((feature) => {
            feature.setId(String(feature.get("code")));
            return !source.getFeatureById(feature.getId() ?? "");
          });
          source.addFeatures(unseen);
          return success?.(unseen);
        })
        .catch(retryLater);
    },
  });
  return source;
}

/** As far as anybody knows. */
export function isWorking(state: unknown): boolean {
  return state !== "offline" && state !== "fault";
}

function sector(feature: Feature): Polygon | Point | undefined {
  const point = feature.getGeometry();
  if (!(point instanceof Point)) return undefined;
  const number = (name: string): number => Number(feature.get(name) ?? NaN);
  const [fov, range_m] = [number("fov_deg"), number("range_m")];
  const bearing = fov >= 360 ? 0 : number("bearing_deg");
  if (!Number.isFinite(bearing + fov + range_m)) return undefined;
  const centre = point.getCoordinates();
  const [x = 0, y = 0] = centre;
  const radius = range_m * unitsPerMetre(fromMap(centre)[1]);
  const steps = Math.max(4, Math.ceil(fov / 6));
  const arc = Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((bearing - fov / 2 + (fov * i) / steps) * Math.PI) / 180;
    return [x + radius * Math.sin(angle), y + radius * Math.cos(angle)];
  });
  return new Polygon([fov >= 360 ? arc : [[x, y], ...arc, [x, y]]]);
}

export class Places {
  readonly layer: VectorLayer;
  private readonly source: VectorSource;
  private chosen: string | null = null;
  private hovered: string | null = null;
  private hidden: ReadonlySet<string> = new Set();

  constructor(
    readonly kind: PlaceKind,
    palette: Palette,
  ) {
    this.source = sourceOf(kind === "camera" ? "cameras" : "facilities");
    this.layer = new VectorLayer({ source: this.source, declutter: true, minZoom: FROM_ZOOM, zIndex: kind === "camera" ? 6 : 5 });
    this.paint(palette);
  }

  get(code: string): Feature | null {
    return this.source.getFeatureById(code);
  }

  /** Those read so far, which are those around what has been looked at. */
  known(): { id: string; name: string }[] {
    if (!this.layer.getVisible()) return [];
    return this.source.getFeatures().map((feature) => ({ id: String(feature.getId()), name: String(feature.get("name")) }));
  }

  /** lon, lat */
  at(code: string): LonLat | null {
    const point = this.source.getFeatureById(code)?.getGeometry();
    return point instanceof Point ? fromMap(point.getCoordinates()) : null;
  }

  countIn(extent: number[]): number {
    return this.source.getFeaturesInExtent(extent).length;
  }

  /** Asks anew for what there is around. */
  refresh(): void {
    this.source.refresh();
  }

  /** The kinds that are not drawn. */
  hide(kinds: ReadonlySet<string>): void {
    this.hidden = kinds;
    this.layer.changed();
  }

  emphasise(chosen: string | null, hovered: string | null): void {
    if (chosen === this.chosen && hovered === this.hovered) return;
    this.chosen = chosen;
    this.hovered = hovered;
    this.layer.changed();
  }

  paint(palette: Palette): void {
    const quiet = quietOf(palette);
    const iconOf = remember((key) => {
      const [word = "", working, bearing] = key.split("|");
      const parts =
        this.kind === "camera"
          ? cameraSymbol(quiet, working === "true")
          : facilitySymbol(word, quiet);
      const size_px = this.kind === "camera" ? 20 : 18;
      return mark(parts, { size_px, rotation_rad: (Number(bearing) * Math.PI) / 180, rotateWithView: this.kind === "camera" });
    });
    const field = { fill: new Fill({ color: palette.accentFill }), stroke: new Stroke({ color: palette.borderSoft, width: 1 }) };
    this.layer.setStyle((feature, resolution) => {
      const code = feature.getId();
      const marked = code === this.chosen || code === this.hovered;
      const bearing = this.kind === "camera" ? Math.round(Number(feature.get("bearing_deg") ?? 0) / 15) * 15 : 0;
      const word = this.kind === "camera" ? "" : String(feature.get("kind"));
      if (this.hidden.has(word) && !marked) return undefined;
      const small = STREET_FURNITURE.has(word);
      // 3.4 m a pixel is zoom 15.5, 2.4 is zoom 16.
      if (small && !marked && resolution > 3.4) return undefined;
      const icon = new Style({
        image: iconOf(`${word}|${isWorking(feature.get("state"))}|${bearing}`),
        zIndex: marked ? 3 : 2,
      });
      if (marked || (!small && resolution < 2.4))
        icon.setText(
          new Text({
            text: String(feature.get("name") ?? ""),
            font: `11px ${FONT}`,
            offsetY: 18,
            fill: new Fill({ color: palette.labelSoft }),
            stroke: new Stroke({ color: palette.halo, width: 3 }),
          }),
        );
      if (this.kind !== "camera" || (resolution > 3 && !marked)) return icon;
      const view = sector(feature as Feature);
      return view ? [new Style({ ...field, geometry: view, zIndex: 1 }), icon] : icon;
    });
  }
}

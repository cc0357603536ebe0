/** The ground under everything: muted, so that people and cases are what one sees. */
import MVT from "ol/format/MVT";
import VectorTileLayer from "ol/layer/VectorTile";
import type RenderFeature from "ol/render/Feature";
import VectorTileSource from "ol/source/VectorTile";
import { Fill, Stroke, Style, Text } from "ol/style";
import { tileUrl } from "./ground";
import { FONT, type Palette } from "./palette";

type RoadClass = "major" | "middle" | "minor" | "path" | "rail";

const ROAD_CLASSES: Record<string, RoadClass> = {
  motorway: "major",
  trunk: "major",
  primary: "major",
  main: "middle",
  secondary: "middle",
  tertiary: "middle",
  minor: "minor",
  path: "path",
  rail: "rail",
};

/** Width in pixels at zoom 12 and at zoom 17, and the zoom from which it is drawn. */
const ROADS: Record<RoadClass, { at12: number; at17: number; from: number }> = {
  major: { at12: 2.4, at17: 14, from: 8 },
  middle: { at12: 1.4, at17: 10, from: 11 },
  minor: { at12: 0.7, at17: 7, from: 13 },
  path: { at12: 0.5, at17: 2, from: 14.5 },
  rail: { at12: 1, at17: 3, from: 13 },
};

function zoomOf(resolution: number): number {
  return Math.log2(156_543.03392804097 / resolution);
}

function roadWidth(road: RoadClass, zoom: number): number {
  const { at12, at17 } = ROADS[road];
  return at12 * (at17 / at12) ** Math.min(1.2, Math.max(-0.6, (zoom - 12) / 5));
}

function area(fill: string, zIndex: number, line?: string): Style {
  const style = new Style({ fill: new Fill({ color: fill }), zIndex });
  if (line) style.setStroke(new Stroke({ color: line, width: 1 }));
  return style;
}

function roadStyles(road: RoadClass, zoom: number, palette: Palette): Style[] {
  const width = roadWidth(road, zoom);
  const line = (color: string, width: number, zIndex: number, dash?: number[]): Style =>
    new Style({
      stroke: new Stroke({ color, width, lineCap: "round", lineJoin: "round", ...(dash ? { lineDash: dash } : {}) }),
      zIndex,
    });
  const rank = { path: 0, rail: 0, minor: 1, middle: 2, major: 3 }[road];
  if (road === "rail") return [line(palette.roadCasing, width, 10), line(palette.road, width / 2, 11, [8, 8])];
  if (road === "path") return [line(palette.path, width, 10, [4, 3])];
  if (zoom < 13 && road !== "major") return [line(palette.path, width, 10 + rank)];
  return [
    line(palette.roadCasing, width + 1.6, 10 + rank),
    line(palette.road, width, 20 + rank),
  ];
}

function roadLabel(name: string, road: RoadClass, palette: Palette): Style {
  return new Style({
    text: new Text({
      text: name,
      font: `${road === "major" ? 12 : 11}px ${FONT}`,
      placement: "line",
      maxAngle: 0.5,
      repeat: 500,
      fill: new Fill({ color: palette.labelSoft }),
      stroke: new Stroke({ color: palette.halo, width: 3 }),
    }),
  });
}

function placeLabel(name: string, large: boolean, palette: Palette): Style {
  return new Style({
    text: new Text({
      text: name,
      font: `${large ? 13 : 11}px ${FONT}`,
      fill: new Fill({ color: palette.labelSoft }),
      stroke: new Stroke({ color: palette.halo, width: 3 }),
    }),
  });
}

/** Styles for one zoom step; the layer asks thousands of times, so what repeats is kept. */
function styles(palette: Palette, zoom: number): (feature: RenderFeature) => Style[] | undefined {
  const areas: Record<string, Style[]> = {
    green: [area(palette.green, 1)],
    farmland: [area(palette.farmland, 2)],
    built: [area(palette.built, 3)],
    water: [area(palette.water, 5, palette.waterLine)],
  };
  const houses = [area(palette.house, 4)];
  const streams = [
    new Style({ stroke: new Stroke({ color: palette.water, width: zoom < 13 ? 1.5 : 3 }), zIndex: 5 }),
  ];
  const roads = Object.fromEntries(
    (Object.keys(ROADS) as RoadClass[]).map((road) => [road, roadStyles(road, zoom, palette)]),
  );
  return (feature) => {
    const layer = String(feature.get("layer"));
    const name: unknown = feature.get("name");
    if (layer === "road") {
      const road = ROAD_CLASSES[String(feature.get("class"))] ?? "minor";
      if (zoom < ROADS[road].from) return undefined;
      const lines = roads[road] ?? [];
      const named = typeof name === "string" && name && zoom >= (road === "major" ? 13.5 : 15.5);
      return named ? [...lines, roadLabel(name, road, palette)] : lines;
    }
    if (layer === "water" && feature.getType().endsWith("LineString")) return streams;
    // Single houses are too small to see before.
    if (layer === "built" && feature.get("class") === "block") return zoom < 13.5 ? undefined : houses;
    const filled = areas[layer];
    if (filled) return filled;
    if (typeof name !== "string" || !name) return undefined;
    const large = ["city", "county", "town"].includes(String(feature.get("class")));
    return large || zoom >= 14 ? [placeLabel(name, large, palette)] : undefined;
  };
}

export class Basemap {
  readonly layer: VectorTileLayer;

  constructor(palette: Palette, url = tileUrl("basemap")) {
    const source = new VectorTileSource({
      format: new MVT(),
      url,
      maxZoom: 16,
      // The next tiles replace the last at once; a fade only costs frames on a slow machine.
      transition: 0,
    });
    this.layer = new VectorTileLayer({ source, declutter: true, zIndex: 0, renderBuffer: 64 });
    this.paint(palette);
  }

  paint(palette: Palette): void {
    let step = NaN;
    let styleOf = styles(palette, 12);
    this.layer.setBackground(palette.land);
    this.layer.setStyle((feature, resolution) => {
      const zoom = Math.round(zoomOf(resolution) * 4) / 4;
      if (zoom !== step) {
        step = zoom;
        styleOf = styles(palette, zoom);
      }
      return styleOf(feature as RenderFeature);
    });
  }
}

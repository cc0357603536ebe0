/** One unit's day: trips as lines, stops as numbered signs, gaps dashed. */
import Feature from "ol/Feature";
import { type Geometry, type LineString, Point } from "ol/geom";
import type { Extent } from "ol/extent";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import type { TrackFeature } from "@/api";
import { geojson } from "./ground";
import { mark } from "./marks";
import { FONT, type Palette } from "./palette";
import { StillLayer } from "./still";
import { endSymbol, stopSymbol } from "./symbols";

function geometryOf(part: TrackFeature): Geometry {
  return geojson.readGeometry(part.geometry) as Geometry;
}

export class Tracks {
  readonly lines = new StillLayer(4);
  readonly signs = new VectorLayer({ source: new VectorSource(), declutter: true, zIndex: 7 });

  constructor(palette: Palette) {
    this.paint(palette);
  }

  show(features: readonly TrackFeature[]): void {
    this.signs.getSource()?.clear(true);
    const trips: LineString[] = [];
    let stops = 0;
    const [lines, signs]: [Feature[], Feature[]] = [[], []];
    features.forEach((part, index) => {
      const geometry = geometryOf(part);
      const { kind } = part.properties;
      const feature = new Feature({ geometry, kind, index });
      if (kind === "stop") {
        feature.set("number", ++stops);
        signs.push(feature);
      } else lines.push(feature);
      if (kind === "trip") trips.push(geometry as LineString);
    });
    const [first, last] = [trips[0], trips.at(-1)];
    if (first && last)
      signs.push(
        new Feature({ geometry: new Point(first.getFirstCoordinate()), kind: "start" }),
        new Feature({ geometry: new Point(last.getLastCoordinate()), kind: "end" }),
      );
    this.lines.show(lines);
    this.signs.getSource()?.addFeatures(signs);
  }

  clear(): void {
    this.show([]);
  }

  extentOf(part: TrackFeature): Extent {
    return geometryOf(part).getExtent();
  }

  paint(palette: Palette): void {
    const line = (color: string, width: number, dash?: number[]): Style =>
      new Style({
        stroke: new Stroke({ color, width, lineCap: "round", lineJoin: "round", ...(dash ? { lineDash: dash } : {}) }),
      });
    const trip = [line(palette.halo, 7), line(palette.accent, 3.5)];
    const gap = [line(palette.halo, 4), line(palette.labelSoft, 2, [2, 7])];
    this.lines.setStyle((feature) => (feature.get("kind") === "gap" ? gap : trip));
    const ends = {
      start: new Style({ image: mark(endSymbol(palette.accent, false), { size_px: 22 }), zIndex: 3 }),
      end: new Style({ image: mark(endSymbol(palette.accent, true), { size_px: 22 }), zIndex: 2 }),
    };
    const stop = mark(stopSymbol(palette.accent), { size_px: 26 });
    this.signs.setStyle((feature) => {
      const kind: unknown = feature.get("kind");
      if (kind === "start" || kind === "end") return ends[kind];
      return new Style({
        image: stop,
        text: new Text({
          text: String(feature.get("number")),
          font: `600 10px ${FONT}`,
          fill: new Fill({ color: "#1B2430" }),
          declutterMode: "none",
        }),
        zIndex: 1,
      });
    });
  }
}

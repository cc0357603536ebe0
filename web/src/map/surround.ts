/** The circle around a place that somebody asks about. */
import Feature from "ol/Feature";
import { Circle, Point } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Circle as Disc, Fill, Stroke, Style } from "ol/style";
import type { LonLat } from "@/api";
import { toMap, unitsPerMetre } from "./ground";
import type { Palette } from "./palette";

export class Surround {
  readonly layer = new VectorLayer({ source: new VectorSource(), zIndex: 3 });

  constructor(palette: Palette) {
    this.paint(palette);
  }

  /** Nothing for no place. On the map a circle on the ground stays one, at this size. */
  show(place: LonLat | null, radius_m: number): void {
    this.layer.getSource()?.clear(true);
    if (place) {
      const centre = toMap(place);
      const circle = new Circle(centre, radius_m * unitsPerMetre(place[1]));
      this.layer.getSource()?.addFeatures([new Feature(circle), new Feature(new Point(centre))]);
    }
    this.layer.getSource()?.changed();
  }

  paint(palette: Palette): void {
    const edge = (color: string, width: number): Style => new Style({ stroke: new Stroke({ color, width }) });
    const inside = new Style({
      fill: new Fill({ color: palette.accentFill }),
      stroke: new Stroke({ color: palette.accent, width: 2 }),
      image: new Disc({ radius: 4, fill: new Fill({ color: palette.accent }), stroke: new Stroke({ color: palette.ground, width: 2 }) }),
    });
    this.layer.setStyle([edge(palette.halo, 5), inside]);
  }
}

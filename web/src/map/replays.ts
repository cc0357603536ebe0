/** A replay on the map: whole days as faint lines, the last minutes bright, a sign for each unit. */
import Feature from "ol/Feature";
import type { Extent } from "ol/extent";
import { LineString, MultiLineString, Point } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import { toMap } from "./ground";
import { mark, remember } from "./marks";
import { FONT, type Palette } from "./palette";
import { StillLayer } from "./still";
import { unitSymbol } from "./symbols";

type Line = [number, number][];

export interface ReplayedUnit {
  id: string;
  name: string;
  colour: string;
  /** lon, lat; broken at gaps */
  day: Line[];
}

export interface ReplayedMoment {
  id: string;
  lon: number;
  lat: number;
  heading_deg: number | null;
  known: boolean;
  tail: Line[];
}

const iconOf = remember((key) => {
  const [colour = "", look, turn] = key.split("|");
  const parts = unitSymbol(look === "moving" ? "moving" : look === "still" ? "still" : "offline", turn !== "");
  const own = look === "gap" ? parts : parts.map((part) => (part.fill ? { ...part, fill: colour } : part));
  return mark(own, { size_px: 26, rotation_rad: (Number(turn) * Math.PI) / 180, rotateWithView: turn !== "" });
});

export class Replays {
  readonly days = new StillLayer(4);
  readonly moments = new VectorLayer({
    source: new VectorSource<Feature>(),
    declutter: true,
    zIndex: 12,
    updateWhileAnimating: true,
    updateWhileInteracting: true,
  });
  private readonly signs = new Map<string, { tail: Feature<MultiLineString>; sign: Feature<Point> }>();

  constructor(palette: Palette) {
    this.paint(palette);
  }

  add(units: readonly ReplayedUnit[]): void {
    this.days.add(
      units.map(({ colour, day }) => {
        const geometry = new MultiLineString(day.map((line) => new LineString(line.map(toMap))));
        return new Feature({ geometry, colour });
      }),
    );
    for (const { id, name, colour } of units) {
      const tail = new Feature({ geometry: new MultiLineString([]), colour, tail: true });
      const sign = new Feature<Point>();
      sign.setId(id);
      sign.setProperties({ name, colour });
      this.signs.set(id, { tail, sign });
      this.moments.getSource()?.addFeatures([tail, sign]);
    }
  }

  close(): void {
    this.signs.clear();
    this.days.show([]);
    this.moments.getSource()?.clear(true);
    this.moments.getSource()?.changed();
  }

  extent(): Extent | null {
    return this.days.getSource()?.isEmpty() === false ? (this.days.getSource()?.getExtent() ?? null) : null;
  }

  setVisible(visible: boolean): void {
    this.days.setWanted(visible);
    this.moments.setVisible(visible);
  }

  show(moments: readonly ReplayedMoment[]): void {
    const shown = new Set(moments.map((moment) => moment.id));
    for (const [id, { tail, sign }] of this.signs)
      if (!shown.has(id)) {
        sign.setGeometry(undefined);
        tail.getGeometry()?.setCoordinates([]);
      }
    for (const { id, lon, lat, heading_deg, known, tail } of moments) {
      const features = this.signs.get(id);
      if (!features) continue;
      const at = toMap([lon, lat]);
      const turn = heading_deg === null ? "" : String((Math.round(heading_deg / 22.5) * 22.5) % 360);
      features.sign.set("look", `${known ? (heading_deg === null ? "still" : "moving") : "gap"}|${turn}`, true);
      const point = features.sign.getGeometry();
      if (point) point.setCoordinates(at);
      else features.sign.setGeometry(new Point(at));
      features.tail.getGeometry()?.setCoordinates(tail.map((line) => line.map(toMap)));
    }
  }

  paint(palette: Palette): void {
    const lineOf = remember((key) => {
      const [color = "", width] = key.split("|");
      return new Style({ stroke: new Stroke({ color, width: Number(width), lineCap: "round", lineJoin: "round" }), zIndex: 1 });
    });
    // Transparent colours, not a transparent layer: that would need a canvas of its own.
    this.days.setStyle((feature) => lineOf(`${feature.get("colour")}66|2`));
    this.moments.setStyle((feature) => {
      const colour = String(feature.get("colour"));
      if (feature.get("tail")) return lineOf(`${colour}|5`);
      return new Style({
        image: iconOf(`${colour}|${feature.get("look")}`),
        zIndex: 2,
        text: new Text({
          text: String(feature.get("name")),
          font: `600 12px ${FONT}`,
          offsetY: 22,
          fill: new Fill({ color: palette.text }),
          stroke: new Stroke({ color: palette.ground, width: 4 }),
        }),
      });
    });
  }
}

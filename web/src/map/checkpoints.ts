/** The checkpoints of a plan: how near one has to come, and whether somebody did. */
import Feature from "ol/Feature";
import { Circle, Point } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Fill, Stroke, Style, Text } from "ol/style";
import type { LonLat, RoundState } from "@/api";
import { toMap, unitsPerMetre } from "./ground";
import { mark, remember } from "./marks";
import { FONT, type Palette, ROUND_COLOURS } from "./palette";
import { roundSymbol } from "./symbols";

/** `picked` belongs to a plan that is being made */
export type CheckpointState = "reached" | "missed" | "waiting" | "picked";

/** A checkpoint has the sign of a round that came out like it. */
export const SIGN_OF: Record<CheckpointState, RoundState> = { reached: "done", missed: "missed", waiting: "upcoming", picked: "under_way" };

export interface CheckpointMark {
  id: number;
  name: string;
  place: LonLat;
  radius_m: number;
  state: CheckpointState;
}

export class Checkpoints {
  private readonly source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.source, declutter: true, zIndex: 9 });

  constructor(palette: Palette) {
    this.paint(palette);
  }

  show(marks: readonly CheckpointMark[]): void {
    this.source.clear(true);
    this.source.addFeatures(
      marks.flatMap(({ name, place, radius_m, state }) => {
        const centre = toMap(place);
        const around = new Feature({ geometry: new Circle(centre, radius_m * unitsPerMetre(place[1])), state });
        return [around, new Feature({ geometry: new Point(centre), name, state })];
      }),
    );
    this.source.changed();
  }

  paint(palette: Palette): void {
    const iconOf = remember((state) => mark(roundSymbol(SIGN_OF[state as CheckpointState]), { size_px: 22 }));
    const aroundOf = remember((state) => {
      const color = ROUND_COLOURS[SIGN_OF[state as CheckpointState]];
      return new Style({ stroke: new Stroke({ color, width: 1.5, lineDash: [4, 3] }), fill: new Fill({ color: `${color}1F` }) });
    });
    this.layer.setStyle((feature) => {
      const state = String(feature.get("state"));
      const name = feature.get("name");
      if (name === undefined) return aroundOf(state);
      return new Style({
        image: iconOf(state),
        text: new Text({
          text: String(name),
          font: `600 12px ${FONT}`,
          offsetY: 20,
          fill: new Fill({ color: palette.text }),
          stroke: new Stroke({ color: palette.ground, width: 4 }),
        }),
      });
    });
  }
}

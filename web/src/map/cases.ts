/** Cases as pins, the pin of a report being made, and lines to the people near a case. */
import Feature from "ol/Feature";
import { LineString, Point } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style, Text } from "ol/style";
import type { LonLat } from "@/api";
import { toMap } from "./ground";
import { mark, remember } from "./marks";
import { type CaseStage, FONT, type Palette } from "./palette";
import { caseSymbol } from "./symbols";

export interface CaseOnMap {
  id: string;
  title: string;
  lon: number;
  lat: number;
  stage: CaseStage;
  overdue: boolean;
  urgent: boolean;
}

const TIP: [number, number] = [0.5, 23 / 24];

const iconOf = remember((key) => {
  const [stage, overdue, urgent] = key.split("|");
  return mark(caseSymbol(stage as CaseStage, overdue === "true", urgent === "true"), {
    size_px: 27,
    anchor: TIP,
    opacity: stage === "closed" ? 0.8 : 1,
  });
});

export class Cases {
  readonly layer: VectorLayer;
  readonly lines: VectorLayer;
  private readonly source = new VectorSource<Feature<Point>>();
  private readonly linked = new VectorSource<Feature<LineString>>();
  private readonly cases = new Map<string, CaseOnMap>();
  private readonly draft = new Feature<Point>();
  private chosen: string | null = null;
  private hovered: string | null = null;

  constructor(palette: Palette) {
    this.layer = new VectorLayer({ source: this.source, declutter: true, zIndex: 10 });
    this.lines = new VectorLayer({ source: this.linked, zIndex: 4 });
    this.draft.setId("draft");
    this.paint(palette);
  }

  set(cases: readonly CaseOnMap[]): void {
    const kept = new Set(cases.map((one) => one.id));
    for (const id of [...this.cases.keys()].filter((known) => !kept.has(known))) {
      const feature = this.source.getFeatureById(id) as Feature<Point> | null;
      if (feature) this.source.removeFeature(feature);
      this.cases.delete(id);
    }
    for (const one of cases) {
      this.cases.set(one.id, one);
      const at = toMap([one.lon, one.lat]);
      const feature = this.source.getFeatureById(one.id) as Feature<Point> | null;
      if (feature) {
        feature.getGeometry()?.setCoordinates(at);
        feature.changed();
      } else {
        const fresh = new Feature(new Point(at));
        fresh.setId(one.id);
        this.source.addFeature(fresh);
      }
    }
  }

  /** The place of a report that has not been sent. */
  setDraft(place: LonLat | null): void {
    if (this.source.hasFeature(this.draft)) this.source.removeFeature(this.draft);
    if (!place) return;
    this.draft.setGeometry(new Point(toMap(place)));
    this.source.addFeature(this.draft);
  }

  setLines(from: LonLat | null, to: readonly LonLat[]): void {
    this.linked.clear(true);
    if (from)
      this.linked.addFeatures(to.map((place) => new Feature(new LineString([toMap(from), toMap(place)]))));
    this.linked.changed();
  }

  emphasise(chosen: string | null, hovered: string | null): void {
    if (chosen === this.chosen && hovered === this.hovered) return;
    this.chosen = chosen;
    this.hovered = hovered;
    this.layer.changed();
  }

  paint(palette: Palette): void {
    const foot = new Style({
      image: new Circle({ radius: 9, stroke: new Stroke({ color: palette.accent, width: 3 }), fill: new Fill({ color: palette.accentFill }), declutterMode: "none" }),
      zIndex: 0,
    });
    const draft = [foot, new Style({ image: mark(caseSymbol("new"), { size_px: 38, anchor: TIP }), zIndex: 40 })];
    this.lines.setStyle(
      new Style({ stroke: new Stroke({ color: palette.accent, width: 1.5, lineDash: [2, 5], lineCap: "round" }) }),
    );
    this.layer.setStyle((feature) => {
      if (feature === this.draft) return draft;
      const one = this.cases.get(String(feature.getId()));
      if (!one) return undefined;
      const marked = one.id === this.chosen || one.id === this.hovered;
      const pin = new Style({
        image: iconOf(`${one.stage}|${one.overdue}|${one.urgent}`),
        zIndex: marked ? 30 : one.stage === "closed" ? 1 : one.urgent ? 6 : 5,
      });
      if (marked)
        pin.setText(
          new Text({
            text: one.title,
            font: `600 13px ${FONT}`,
            offsetY: 12,
            fill: new Fill({ color: palette.text }),
            stroke: new Stroke({ color: palette.ground, width: 4 }),
            declutterMode: "none",
          }),
        );
      return one.id === this.chosen ? [foot, pin] : pin;
    });
  }
}

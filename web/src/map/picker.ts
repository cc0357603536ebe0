/** A small map on which one place is put: by a tap, by dragging its mark, or from the middle. */
import Collection from "ol/Collection";
import Feature from "ol/Feature";
import { Point } from "ol/geom";
import Translate from "ol/interaction/Translate";
import VectorLayer from "ol/layer/Vector";
import OlMap from "ol/Map";
import { transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style } from "ol/style";
import View from "ol/View";
import type { LonLat } from "@/api";
import { Basemap } from "./basemap";
import { prefersStillness } from "./glides";
import { fromMap, MAP_CRS, toMap } from "./ground";
import { PALETTES, type Theme } from "./palette";

/** West, south, east and north, in degrees (WGS-84). */
export type Bounds = readonly number[];

const STREET_ZOOM = 16;
/** A finger is wider than the mark. */
const FINGER_PX = 16;

export class PlacePicker {
  private readonly map: OlMap;
  private readonly basemap: Basemap;
  private readonly mark = new Feature<Point>();
  private readonly marks: VectorLayer;

  constructor(target: HTMLElement, theme: Theme, tiles: string, picked: (place: LonLat) => void) {
    this.basemap = new Basemap(PALETTES[theme], tiles);
    this.marks = new VectorLayer({ source: new VectorSource({ features: [this.mark] }), zIndex: 1 });
    this.map = new OlMap({
      target,
      controls: [],
      layers: [this.basemap.layer, this.marks],
      view: new View({ center: toMap([104, 35]), zoom: 4, minZoom: 3, maxZoom: 19 }),
    });
    const dragging = new Translate({ features: new Collection([this.mark]), hitTolerance: FINGER_PX });
    dragging.on("translateend", ({ coordinate }) => picked(fromMap(this.mark.getGeometry()?.getCoordinates() ?? coordinate)));
    this.map.addInteraction(dragging);
    this.map.on("singleclick", ({ coordinate }) => picked(fromMap(coordinate)));
    this.paint(theme);
  }

  frame(bounds: Bounds): void {
    this.map.getView().fit(transformExtent([...bounds], "EPSG:4326", MAP_CRS));
  }

  show(place: LonLat | null): void {
    this.mark.setGeometry(place ? new Point(toMap(place)) : undefined);
  }

  lookAt(place: LonLat): void {
    const view = this.map.getView();
    view.setCenter(toMap(place));
    view.setZoom(Math.max(STREET_ZOOM, view.getZoom() ?? 0));
  }

  zoomBy(steps: number): void {
    const view = this.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + steps, duration: prefersStillness() ? 0 : 150 });
  }

  middle(): LonLat {
    return fromMap(this.map.getView().getCenter() ?? [0, 0]);
  }

  paint(theme: Theme): void {
    const palette = PALETTES[theme];
    this.basemap.paint(palette);
    const stroke = new Stroke({ color: palette.ground, width: 3 });
    this.marks.setStyle(new Style({ image: new Circle({ radius: 10, fill: new Fill({ color: palette.accent }), stroke }) }));
  }

  dispose(): void {
    this.map.setTarget(undefined);
  }
}

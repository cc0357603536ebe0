/** Grids of a draft, what is chosen of them, lines that are drawn over them, and what moves. */
import Feature from "ol/Feature";
import { createEmpty, type Extent, extend, isEmpty } from "ol/extent";
import type { Geometry, LineString, MultiPolygon } from "ol/geom";
import DoubleClickZoom from "ol/interaction/DoubleClickZoom";
import Draw from "ol/interaction/Draw";
import Snap from "ol/interaction/Snap";
import VectorLayer from "ol/layer/Vector";
import type OlMap from "ol/Map";
import VectorSource from "ol/source/Vector";
import { Circle, Fill, Stroke, Style } from "ol/style";
import type { EditionGrid, LonLat } from "@/api";
import { draftStyles } from "./draftStyles";
import { fromMap, geojson, toMap } from "./ground";
import type { Palette } from "./palette";

export class DraftMap {
  private readonly grids = new VectorSource<Feature<MultiPolygon>>();
  private readonly marked = new VectorSource();
  private readonly lines = new VectorSource<Feature<LineString>>();
  private readonly layer = new VectorLayer({ source: this.grids, declutter: true, zIndex: 3 });
  private readonly marks = new VectorLayer({ source: this.marked, zIndex: 3.5 });
  private readonly line = new VectorLayer({ source: this.lines, zIndex: 13 });
  private draw: Draw | null = null;
  private snap: Snap | null = null;
  private selected: ReadonlySet<string> = new Set();
  private level = 2;

  constructor(
    private readonly map: OlMap,
    private palette: Palette,
  ) {
    for (const layer of [this.layer, this.marks, this.line]) map.addLayer(layer);
    this.paint(palette);
    this.setVisible(false);
  }

  setVisible(visible: boolean): void {
    for (const layer of [this.layer, this.marks, this.line]) layer.setVisible(visible);
    // Two clicks end a line; they are not to zoom as well.
    for (const one of this.map.getInteractions().getArray()) if (one instanceof DoubleClickZoom) one.setActive(!visible);
  }

  show(grids: Iterable<EditionGrid>): void {
    const features = [...grids].map((grid) => {
      const feature = new Feature({ ...grid.properties, geometry: geojson.readGeometry(grid.geometry) as MultiPolygon });
      feature.setId(grid.id);
      return feature;
    });
    this.grids.clear(true);
    this.grids.addFeatures(features);
    this.grids.changed();
  }

  /** Those of `level` can be chosen, and those of `codes` are. */
  choose(codes: ReadonlySet<string>, level: number): void {
    this.selected = codes;
    this.level = level;
    this.layer.changed();
  }

  /** The grid of a level that holds a place. */
  at(place: LonLat, level: number): string | null {
    const found = this.grids.getFeaturesAtCoordinate(toMap(place)).find((feature) => feature.get("level") === level);
    return found ? String(found.getId()) : null;
  }

  /** Ground that moves, or places where something is wrong. GeoJSON in degrees. */
  mark(geometries: readonly (object | null)[]): void {
    this.marked.clear(true);
    this.marked.addFeatures(geometries.flatMap((one) => (one ? [new Feature((geojson.readGeometry(one) ?? undefined) as Geometry)] : [])));
    this.marked.changed();
  }

  extentOf(geometry: object): Extent {
    return (geojson.readGeometry(geometry) as MultiPolygon).getExtent();
  }

  wholeExtent(): Extent | null {
    const extent = createEmpty();
    for (const feature of this.grids.getFeatures()) extend(extent, feature.getGeometry()?.getExtent() ?? createEmpty());
    return isEmpty(extent) ? null : extent;
  }

  /** A line is drawn next: a click for each point, two for the last one. It catches on borders. */
  startLine(drawn: (line: LonLat[]) => void): void {
    this.stopLine();
    this.draw = new Draw({ source: this.lines, type: "LineString", style: this.drawing(), stopClick: true });
    this.draw.on("drawstart", () => this.lines.clear());
    this.draw.on("drawend", ({ feature }) => {
      const coordinates = (feature.getGeometry() as LineString).getCoordinates();
      drawn(coordinates.map((at) => fromMap(at)));
    });
    this.snap = new Snap({ source: this.grids, pixelTolerance: 10 });
    this.map.addInteraction(this.draw);
    this.map.addInteraction(this.snap);
  }

  /** The line is finished where it is. */
  finishLine(): void {
    this.draw?.finishDrawing();
  }

  takeBackPoint(): void {
    this.draw?.removeLastPoint();
  }

  stopLine(): void {
    for (const one of [this.draw, this.snap]) if (one) this.map.removeInteraction(one);
    this.draw = this.snap = null;
    this.lines.clear();
  }

  private drawing(): Style {
    const { accent, ground } = this.palette;
    return new Style({
      stroke: new Stroke({ color: accent, width: 3 }),
      image: new Circle({ radius: 5, fill: new Fill({ color: accent }), stroke: new Stroke({ color: ground, width: 2 }) }),
    });
  }

  paint(palette: Palette): void {
    this.palette = palette;
    const { gridStyle, markStyle } = draftStyles(palette);
    this.layer.setStyle((feature, resolution) => gridStyle(feature, resolution, this.level, this.selected.has(String(feature.getId()))));
    this.marks.setStyle(markStyle);
    this.line.setStyle([new Style({ stroke: new Stroke({ color: palette.ground, width: 6 }) }), this.drawing()]);
  }
}

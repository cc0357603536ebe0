/** Grids on the map: borders from tiles, names, the dimmed outside of one's own, and the chosen one. */
import Feature, { type FeatureLike } from "ol/Feature";
import { createEmpty, type Extent, extend, isEmpty } from "ol/extent";
import MVT from "ol/format/MVT";
import { type MultiPolygon, Point, Polygon } from "ol/geom";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import { get as projection } from "ol/proj";
import VectorSource from "ol/source/Vector";
import VectorTileSource from "ol/source/VectorTile";
import { Fill, Stroke, Style, Text } from "ol/style";
import type { GridFeature, LonLat } from "@/api";
import { geojson, MAP_CRS, tileUrl, toMap } from "./ground";
import { FONT, type Palette } from "./palette";
import { StillLayer } from "./still";

type Area = Polygon | MultiPolygon;

/** People have names from zoom 15. */
const NEAR = 14.9;

function polygonsOf(area: Area): Polygon[] {
  return area instanceof Polygon ? [area] : area.getPolygons();
}

/** The middle of the widest part, where a name has the most room. */
function labelPoint(area: Area): Point {
  const points =
    area instanceof Polygon
      ? [area.getInteriorPoint().getCoordinates()]
      : area.getInteriorPoints().getCoordinates();
  const [x = 0, y = 0] = points.reduce((best, point) => ((point[2] ?? 0) > (best[2] ?? 0) ? point : best));
  return new Point([x, y]);
}

export class Grids {
  readonly mask = new StillLayer(1);
  readonly borders = new VectorTileLayer({
    source: new VectorTileSource({ format: new MVT(), url: tileUrl("grids"), maxZoom: 16, transition: 0 }),
    zIndex: 2,
  });
  readonly chosen = new VectorLayer({ source: new VectorSource(), zIndex: 3 });
  private readonly names = new VectorSource<Feature<Point>>();
  /** From afar names lie under the people, and keep clear of each other only. */
  readonly farNames = new VectorLayer({ source: this.names, declutter: "grids", maxZoom: NEAR, zIndex: 8 });
  /** From near, where people have names too: level 1 is placed before all others, level 2 after. */
  readonly nearNames = new VectorLayer({ source: this.names, declutter: true, minZoom: NEAR, zIndex: 14 });
  readonly nearInnerNames = new VectorLayer({ source: this.names, declutter: true, minZoom: NEAR, zIndex: 7 });
  private readonly areas = new Map<string, { grid: GridFeature; area: Area }>();
  private palette: Palette;
  private chosenCode: string | null = null;

  constructor(palette: Palette) {
    this.palette = palette;
    this.paint(palette);
  }

  get layers() {
    return [this.mask, this.borders, this.chosen, this.farNames, this.nearInnerNames, this.nearNames];
  }

  setVisible(visible: boolean): void {
    this.mask.setWanted(visible);
    for (const layer of [this.borders, this.farNames, this.nearInnerNames, this.nearNames]) layer.setVisible(visible);
  }

  set(grids: readonly GridFeature[]): void {
    this.areas.clear();
    for (const grid of grids) {
      const area = geojson.readGeometry(grid.geometry) as Area;
      this.areas.set(grid.id, { grid, area });
    }
    this.names.clear(true);
    this.names.addFeatures(
      [...this.areas.values()].map(({ grid, area }) => {
        const feature = new Feature(labelPoint(area));
        feature.setProperties({ ...grid.properties, geometry: feature.getGeometry() });
        return feature;
      }),
    );
    const outside = this.outside();
    this.mask.show(outside ? [new Feature(outside)] : []);
    this.showChosen();
  }

  /** The whole world less the viewer's own grids: what lies outside is dimmed. */
  private outside(): Polygon | null {
    const own = this.ownTops().flatMap(({ area }) => polygonsOf(area));
    const world = projection(MAP_CRS)?.getExtent();
    if (own.length === 0 || !world) return null;
    const [west = 0, south = 0, east = 0, north = 0] = world;
    const rim = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    const holes = own.map((polygon) => polygon.getCoordinates(true)[0] ?? []);
    return new Polygon([rim, ...holes.map((ring) => [...ring].reverse())]);
  }

  /** Own grids whose parent is not one's own. */
  private ownTops(): { grid: GridFeature; area: Area }[] {
    return [...this.areas.values()].filter(({ grid }) => {
      const parent = grid.properties.parent && this.areas.get(grid.properties.parent);
      return grid.properties.in_scope && !(parent && parent.grid.properties.in_scope);
    });
  }

  ownExtent(): Extent | null {
    const extent = createEmpty();
    for (const { area } of this.ownTops()) extend(extent, area.getExtent());
    return isEmpty(extent) ? null : extent;
  }

  /** Of everything that is shown. */
  wholeExtent(): Extent | null {
    const extent = createEmpty();
    for (const { area } of this.areas.values()) extend(extent, area.getExtent());
    return isEmpty(extent) ? null : extent;
  }

  extentOf(code: string): Extent | null {
    return this.areas.get(code)?.area.getExtent() ?? null;
  }

  /** The deepest grid that holds the place, among those shown. */
  at(place: LonLat): GridFeature | null {
    const point = toMap(place);
    let deepest: GridFeature | null = null;
    for (const { grid, area } of this.areas.values()) {
      const deeper = !deepest || grid.properties.level > deepest.properties.level;
      if (deeper && area.intersectsCoordinate(point)) deepest = grid;
    }
    return deepest;
  }

  choose(code: string | null): void {
    if (code === this.chosenCode) return;
    this.chosenCode = code;
    this.showChosen();
  }

  private showChosen(): void {
    const source = this.chosen.getSource();
    source?.clear(true);
    const found = this.chosenCode === null ? undefined : this.areas.get(this.chosenCode);
    if (found) source?.addFeature(new Feature(found.area));
    else source?.changed();
  }

  paint(palette: Palette): void {
    this.palette = palette;
    const level1 = new Style({ stroke: new Stroke({ color: palette.border, width: 2, lineJoin: "round" }), zIndex: 2 });
    const level2 = new Style({ stroke: new Stroke({ color: palette.borderSoft, width: 1, lineDash: [5, 3] }), zIndex: 1 });
    // 39 m a pixel is zoom 12: below it the inner borders would be a grey smear.
    this.borders.setStyle((feature, resolution) =>
      Number(feature.get("level")) <= 1 ? level1 : resolution < 39 ? level2 : undefined,
    );
    this.mask.setStyle(new Style({ fill: new Fill({ color: palette.dim }) }));
    this.chosen.setStyle([
      new Style({ stroke: new Stroke({ color: palette.halo, width: 6 }) }),
      new Style({
        stroke: new Stroke({ color: palette.accent, width: 3 }),
        fill: new Fill({ color: palette.accentFill }),
      }),
    ]);
    const name = (from: number, to: number) => (feature: FeatureLike, resolution: number) => {
      const level = Number(feature.get("level"));
      // 19.5 m a pixel is just above zoom 13; a whole town's name is for seeing many towns.
      const shown = level > 1 ? resolution < 19.5 : level === 1 || resolution > 39;
      return shown && level >= from && level <= to ? this.label(feature) : undefined;
    };
    this.farNames.setStyle(name(-9, 9));
    this.nearNames.setStyle(name(-9, 1));
    this.nearInnerNames.setStyle(name(2, 9));
  }

  private label(feature: FeatureLike): Style {
    const level = Number(feature.get("level"));
    const own = Boolean(feature.get("in_scope"));
    return new Style({
      text: new Text({
        text: String(feature.get("name")),
        font: level <= 1 ? `600 14px ${FONT}` : `12px ${FONT}`,
        fill: new Fill({ color: own ? this.palette.label : this.palette.labelSoft }),
        stroke: new Stroke({ color: this.palette.halo, width: 3.5 }),
        overflow: true,
      }),
      // The higher in the tree, the earlier it takes its place.
      zIndex: 10 - level,
    });
  }
}

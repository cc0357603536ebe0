/** The map as one thing: layers in their order, what was clicked, where to look. */
import type { FeatureLike } from "ol/Feature";
import type Layer from "ol/layer/Layer";
import OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import View from "ol/View";
import type { Extent } from "ol/extent";
import { defaults as interactions } from "ol/interaction/defaults";
import type { LonLat } from "@/api";
import { Basemap } from "./basemap";
import { Cases } from "./cases";
import { Checkpoints } from "./checkpoints";
import { Coverage } from "./coverage";
import { DraftMap } from "./draft";
import { prefersStillness } from "./glides";
import { Grids } from "./grids";
import { fromMap, toMap, unitsPerMetre } from "./ground";
import { PALETTES, type Theme } from "./palette";
import { Overlays } from "./overlays";
import { People } from "./people";
import { Pictures } from "./pictures";
import { Places } from "./places";
import { Replays } from "./replays";
import { Surround } from "./surround";
import { Tracks } from "./tracks";

export interface Looking {
  lon: number;
  lat: number;
  zoom: number;
  /** metres on the ground for one pixel of the page, at the centre */
  metresPerPixel: number;
  rotation_rad: number;
}

export interface Hit {
  kind: "unit" | "case" | "camera" | "facility" | "feature";
  id: string;
}

function isArea(feature: FeatureLike): boolean {
  return feature.getGeometry()?.getType().endsWith("Polygon") ?? false;
}

export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface SceneEvents {
  /** everything under the pointer, topmost first; `pixel` is where a choice may be offered */
  clicked: (hits: Hit[], place: LonLat, pixel: [number, number]) => void;
  /** asked what can be done here: a click with the other button, or a long press */
  menu: (place: LonLat, pixel: [number, number]) => void;
  pointed: (place: LonLat | null) => void;
  hovered: (hit: Hit | null) => void;
  looked: (looking: Looking) => void;
  /** everything asked for is drawn */
  ready: () => void;
}

const MOVE_MS = 250;
const HIT_TOLERANCE_PX = 5;

export class Scene {
  readonly map: OlMap;
  readonly basemap: Basemap;
  readonly pictures: Pictures;
  readonly grids: Grids;
  readonly cameras: Places;
  readonly facilities: Places;
  readonly people: People;
  readonly cases: Cases;
  readonly tracks: Tracks;
  readonly replays: Replays;
  readonly surround: Surround;
  readonly checkpoints: Checkpoints;
  readonly coverage: Coverage;
  readonly overlays: Overlays;
  readonly draft: DraftMap;
  /** what panels cover of the map, in its own pixels */
  private insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
  private picking = false;
  private hit: Hit | null = null;

  constructor(
    private readonly target: HTMLElement,
    theme: Theme,
    /** by how much the page enlarges the map */
    private readonly scale: number,
    private readonly events: SceneEvents,
  ) {
    const palette = PALETTES[theme];
    this.map = new OlMap({
      target,
      controls: [],
      interactions: interactions({ zoomDuration: prefersStillness() ? 0 : MOVE_MS }),
      view: new View({ center: toMap([104, 35]), zoom: 4, minZoom: 3, maxZoom: 20 }),
      // Above twice, a 4K screen pays for sharpness nobody sees on a map.
      pixelRatio: Math.min(2, (window.devicePixelRatio || 1) * scale),
    });
    this.basemap = new Basemap(palette);
    this.pictures = new Pictures(this.basemap.layer, () => this.map.getView().getZoom() ?? 0);
    this.grids = new Grids(palette);
    this.facilities = new Places("facility", palette);
    this.cameras = new Places("camera", palette);
    this.people = new People(this.map, palette);
    this.cases = new Cases(palette);
    this.tracks = new Tracks(palette);
    this.replays = new Replays(palette);
    this.surround = new Surround(palette);
    this.checkpoints = new Checkpoints(palette);
    this.coverage = new Coverage(palette);
    const { cases, tracks, replays } = this;
    for (const layer of [
      this.basemap.layer,
      this.pictures.ground,
      this.pictures.labels,
      this.coverage.layer,
      ...this.grids.layers,
      this.surround.layer,
      cases.lines,
      tracks.lines,
      replays.days,
      this.facilities.layer,
      this.cameras.layer,
      tracks.signs,
      this.checkpoints.layer,
      cases.layer,
      this.people.layer,
      replays.moments,
    ])
      this.map.addLayer(layer);
    this.overlays = new Overlays(this.map, palette);
    this.draft = new DraftMap(this.map, palette);
    this.listen();
  }

  private listen(): void {
    const { map, events } = this;
    map.on("moveend", () => events.looked(this.looking()));
    map.on("moveend", () => this.pictures.arrange());
    map.on("rendercomplete", () => {
      if (map.getLayerGroup().getVisible()) events.ready();
    });
    map.on("pointermove", (event) => this.point(event));
    this.target.addEventListener("pointerleave", () => {
      events.pointed(null);
      this.hover(null);
    });
    map.on("click", (event) => {
      events.clicked(this.picking ? [] : this.hitsAt(event.pixel), fromMap(event.coordinate), this.onPage(event.pixel));
    });
    this.target.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      const pixel = map.getEventPixel(event);
      if (!this.picking) events.menu(fromMap(map.getCoordinateFromPixel(pixel)), this.onPage(pixel));
    });
  }

  private onPage([x = 0, y = 0]: number[]): [number, number] {
    return [x * this.scale, y * this.scale];
  }

  private point(event: MapBrowserEvent): void {
    this.events.pointed(fromMap(event.coordinate));
    if (event.dragging || this.picking) return;
    this.hover(this.hitsAt(event.pixel)[0] ?? null);
  }

  private hover(hit: Hit | null): void {
    if (hit?.kind === this.hit?.kind && hit?.id === this.hit?.id) return;
    this.hit = hit;
    this.target.classList.toggle("over-object", hit !== null);
    this.events.hovered(hit);
  }

  private hitsAt(pixel: number[]): Hit[] {
    const kinds = new Map<unknown, Hit["kind"]>([
      [this.people.layer, "unit"],
      [this.replays.moments, "unit"],
      [this.cases.layer, "case"],
      [this.cameras.layer, "camera"],
      [this.facilities.layer, "facility"],
    ]);
    const hits = new Map<string, Hit>();
    const meet = (feature: FeatureLike, layer: Layer): void => {
      const overlay = this.overlays.idOf(layer);
      const key = overlay && this.overlays.meet(overlay, feature);
      if (key) hits.set(`feature:${key}`, { kind: "feature", id: key });
      const kind = kinds.get(layer);
      const id = feature.getId();
      if (kind && id !== undefined && id !== "draft") hits.set(`${kind}:${id}`, { kind, id: String(id) });
    };
    // A sign is small, so beside it is on it; an area is not, and beside it is the next one.
    const layerFilter = (layer: Layer): boolean => kinds.has(layer) || this.overlays.idOf(layer) !== null;
    for (const [hitTolerance, isOfAreas] of [[HIT_TOLERANCE_PX, false], [0, true]] as const) {
      const meetSome = (feature: FeatureLike, layer: Layer): void => {
        if (isArea(feature) === isOfAreas) meet(feature, layer);
      };
      this.map.forEachFeatureAtPixel(pixel, meetSome, { hitTolerance, layerFilter });
    }
    return [...hits.values()];
  }

  setInsets({ top, right, bottom, left }: Insets): void {
    const { scale } = this;
    this.insets = { top: top / scale, right: right / scale, bottom: bottom / scale, left: left / scale };
  }

  /** A map that is not drawn asks for no tiles; where it looks can be moved all the same. */
  setDrawn(drawn: boolean): void {
    this.map.getLayerGroup().setVisible(drawn);
  }

  looking(): Looking {
    const view = this.map.getView();
    const [lon, lat] = fromMap(view.getCenter() ?? [0, 0]);
    const metresPerPixel = (view.getResolution() ?? 1) / unitsPerMetre(lat) / this.scale;
    return { lon, lat, zoom: view.getZoom() ?? 0, metresPerPixel, rotation_rad: view.getRotation() };
  }

  look({ lon, lat, zoom }: { lon: number; lat: number; zoom: number }): void {
    this.map.getView().setCenter(toMap([lon, lat]));
    this.map.getView().setZoom(zoom);
  }

  countInView(places: Places): number {
    return places.countIn(this.map.getView().calculateExtent(this.map.getSize()));
  }

  isTooFar(places: Places): boolean {
    return (this.map.getView().getZoom() ?? 0) <= places.layer.getMinZoom();
  }

  zoomBy(steps: number): void {
    const view = this.map.getView();
    view.animate({ zoom: (view.getZoom() ?? 0) + steps, duration: this.duration });
  }

  faceNorth(): void {
    this.map.getView().animate({ rotation: 0, duration: this.duration });
  }

  /** Brings a place into the free part of the map; a place already there moves nothing. */
  show([lon, lat]: LonLat | [number, number], leastZoom = 15): void {
    const view = this.map.getView();
    const at = toMap([lon, lat]);
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    const [x = -1, y = -1] = this.map.getPixelFromCoordinate(at) ?? [];
    const { top, right, bottom, left } = this.insets;
    const margin = 40;
    const visible = x > left + margin && x < width - right - margin && y > top + margin && y < height - bottom - margin;
    const near = (view.getZoom() ?? 0) >= leastZoom - 1;
    if (visible && near) return;
    const zoom = Math.max(view.getZoom() ?? 0, leastZoom);
    const resolution = view.getResolutionForZoom(zoom);
    const [east = 0, north = 0] = at;
    const center = [east + ((right - left) / 2) * resolution, north + ((top - bottom) / 2) * resolution];
    view.animate({ center, zoom, duration: this.duration });
  }

  fit(extent: Extent, maxZoom = 17, animate = true): void {
    const { top, right, bottom, left } = this.insets;
    const padding = [top + 32, right + 32, bottom + 32, left + 32];
    this.map.getView().fit(extent, { padding, maxZoom, duration: animate ? this.duration : 0 });
  }

  private get duration(): number {
    return prefersStillness() ? 0 : MOVE_MS;
  }

  /** While a place is being picked, objects do not react. */
  setPicking(picking: boolean): void {
    this.picking = picking;
    this.target.classList.toggle("picking", picking);
    this.hover(null);
  }

  /** `outlined` is the grid that something chosen is about. */
  emphasise(chosen: { kind: string; id: string } | null, hovered: Hit | null, outlined: string | null): void {
    const idOf = (object: { kind: string; id: string } | null, kind: string): string | null =>
      object?.kind === kind ? object.id : null;
    this.people.emphasise(idOf(chosen, "unit"), idOf(hovered, "unit"));
    this.cases.emphasise(idOf(chosen, "case"), idOf(hovered, "case"));
    this.cameras.emphasise(idOf(chosen, "camera"), idOf(hovered, "camera"));
    this.facilities.emphasise(idOf(chosen, "facility"), idOf(hovered, "facility"));
    this.grids.choose(idOf(chosen, "grid") ?? outlined);
  }

  paint(theme: Theme): void {
    const palette = PALETTES[theme];
    const { basemap, grids, cameras, facilities, people, cases, tracks, replays, surround, checkpoints, coverage, overlays, draft } = this;
    for (const part of [basemap, grids, cameras, facilities, people, cases, tracks, replays, surround, checkpoints, coverage, overlays, draft])
      part.paint(palette);
  }

  /** Asks anew for tiles: those that failed would stay as they are. */
  refresh(): void {
    this.basemap.layer.getSource()?.refresh();
    this.pictures.refresh();
    this.grids.borders.getSource()?.refresh();
  }

  dispose(): void {
    this.pictures.dispose();
    this.map.setTarget(undefined);
    this.map.dispose();
  }
}

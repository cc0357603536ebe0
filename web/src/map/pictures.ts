/** Somebody else's basemap over the local one, which shows wherever that one cannot be had. */
import type BaseLayer from "ol/layer/Base";
import TileLayer from "ol/layer/Tile";
import XYZ from "ol/source/XYZ";
import type { Basemap } from "@/api";
import { projectionOf, tileGridOf } from "./projections";

/** So many tiles in a row that did not come, and the local map is shown. */
const FAILURES = 3;
/** The server tries a map server that was away every 15 s. */
const RETRY_MS = 20_000;

export class Pictures {
  readonly ground = new TileLayer<XYZ>({ zIndex: 0, visible: false });
  readonly labels = new TileLayer<XYZ>({ zIndex: 0, visible: false });
  /** called when the local map begins or ends to stand in */
  onFailing: (failing: boolean) => void = () => undefined;
  private shown: Basemap | null = null;
  private visible = true;
  private failures = 0;
  private failing = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly local: BaseLayer,
    /** the zoom of the map */
    private readonly zoom: () => number,
  ) {}

  show(basemap: Basemap | null): void {
    if (basemap?.id === this.shown?.id) return;
    this.shown = basemap;
    this.failures = 0;
    this.setFailing(false);
    this.ground.setSource(basemap && this.source(basemap, basemap.tiles));
    this.labels.setSource(basemap?.labels ? this.source(basemap, basemap.labels) : null);
    this.arrange();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.arrange();
  }

  /** Which of the maps are drawn. Far above its zooms a map would be asked for thousands of tiles. */
  arrange(): void {
    const drawn = this.visible && this.shown !== null && this.zoom() > this.shown.minzoom - 1.5;
    this.ground.setVisible(drawn);
    this.labels.setVisible(drawn);
    this.local.setVisible(this.visible && (!drawn || this.failing));
  }

  refresh(): void {
    this.ground.getSource()?.refresh();
    this.labels.getSource()?.refresh();
  }

  dispose(): void {
    clearTimeout(this.retry);
  }

  private source(basemap: Basemap, url: string): XYZ {
    const source = new XYZ({
      url,
      projection: projectionOf(basemap.crs),
      tileGrid: tileGridOf(basemap),
      attributions: basemap.attribution,
      transition: 0,
      // A quarter of a pixel when tiles are bent into the map's projection.
      reprojectionErrorThreshold: 0.25,
    });
    source.on("tileloadend", () => this.came(source));
    source.on("tileloaderror", () => this.missed(source));
    return source;
  }

  private came(source: XYZ): void {
    if (source !== this.ground.getSource()) return;
    this.failures = 0;
    this.setFailing(false);
  }

  private missed(source: XYZ): void {
    if (source !== this.ground.getSource()) return;
    this.failures += 1;
    if (this.failures >= FAILURES) this.setFailing(true);
  }

  private setFailing(failing: boolean): void {
    if (failing === this.failing) return;
    this.failing = failing;
    clearTimeout(this.retry);
    if (failing) this.retry = setTimeout(() => this.tryAgain(), RETRY_MS);
    this.arrange();
    this.onFailing(failing);
  }

  private tryAgain(): void {
    if (!this.failing) return;
    this.refresh();
    this.retry = setTimeout(() => this.tryAgain(), RETRY_MS);
  }
}

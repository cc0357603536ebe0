/** Somebody else's basemap over the local one, which shows wherever that one cannot be had. */
import type ImageTile from "ol/ImageTile";
import TileState from "ol/TileState";
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
    this.ground.setSource(basemap && this.source(basemap, basemap.tiles));
    this.labels.setSource(basemap?.labels ? this.source(basemap, basemap.labels) : null);
    this.works();
    this.arrange();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.arrange();
  }

  /** Which of the maps are drawn. Far above its zooms a map would be asked for thousands of tiles. */
  arrange(): void {
    const drawn = this.visible && !this.failing && this.shown !== null && this.zoom() > this.shown.minzoom - 1.5;
    this.ground.setVisible(drawn);
    this.labels.setVisible(drawn);
    this.local.setVisible(this.visible && !drawn);
  }

  refresh(): void {
    this.ground.getSource()?.refresh();
    this.labels.getSource()?.refresh();
  }

  dispose(): void {
    clearTimeout(this.retry);
  }

  private source(basemap: Basemap, url: string): XYZ {
    return new XYZ({
      url,
      projection: projectionOf(basemap.crs),
      tileGrid: tileGridOf(basemap),
      transition: 0,
      tileLoadFunction: (tile, src) => void this.load(basemap, tile as ImageTile, src),
    });
  }

  /** Not by an image of the page: that would not say whether there is no such tile or no server. */
  private async load(basemap: Basemap, tile: ImageTile, src: string): Promise<void> {
    const picture = await pictureAt(src);
    if (picture === "away" && basemap === this.shown) this.missed(src);
    if (!(picture instanceof Blob)) return tile.setState(TileState.ERROR);
    if (basemap === this.shown) this.works();
    const image = tile.getImage() as HTMLImageElement;
    const address = URL.createObjectURL(picture);
    const forget = (): void => URL.revokeObjectURL(address);
    image.addEventListener("load", forget, { once: true });
    image.addEventListener("error", forget, { once: true });
    image.src = address;
  }

  private works(): void {
    this.failures = 0;
    this.setFailing(false);
  }

  private missed(src: string): void {
    this.failures += 1;
    if (this.failures < FAILURES || this.failing) return;
    this.setFailing(true);
    this.retry = setTimeout(() => void this.tryAgain(src), RETRY_MS);
  }

  private async tryAgain(src: string): Promise<void> {
    const found = await pictureAt(src);
    if (!this.failing) return;
    if (found === "away") this.retry = setTimeout(() => void this.tryAgain(src), RETRY_MS);
    else {
      this.works();
      this.refresh();
    }
  }

  private setFailing(failing: boolean): void {
    if (failing === this.failing) return;
    this.failing = failing;
    clearTimeout(this.retry);
    this.arrange();
    this.onFailing(failing);
  }
}

/** The picture; or that there is none there, or that nobody could say. */
async function pictureAt(src: string): Promise<Blob | "missing" | "away"> {
  try {
    const answer = await fetch(src);
    if (answer.status === 404) return "missing";
    return answer.ok ? await answer.blob() : "away";
  } catch {
    return "away";
  }
}

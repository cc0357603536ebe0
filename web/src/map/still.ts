/** Lines and areas that stand still, drawn as one image: what moves above does not draw them again. */
import type Feature from "ol/Feature";
import VectorImageLayer from "ol/layer/VectorImage";
import VectorSource from "ol/source/Vector";

/** Larger than the window, so that a short way of the map needs no new image. */
const IMAGE_RATIO = 1.4;

export class StillLayer extends VectorImageLayer<VectorSource> {
  private readonly still: VectorSource;
  private wanted = true;

  constructor(zIndex: number) {
    const source = new VectorSource();
    super({ source, zIndex, imageRatio: IMAGE_RATIO });
    this.still = source;
  }

  show(features: readonly Feature[]): void {
    this.still.clear(true);
    this.add(features);
  }

  add(features: readonly Feature[]): void {
    this.still.addFeatures([...features]);
    this.update();
  }

  setWanted(wanted: boolean): void {
    this.wanted = wanted;
    this.update();
  }

  /** OpenLayers keeps the last image of a source that has become empty: an empty layer is hidden. */
  private update(): void {
    this.setVisible(this.wanted && !this.still.isEmpty());
  }
}

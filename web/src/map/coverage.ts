/** Grids coloured by the time since somebody was there last; hatched where nobody is known to have been. */
import Feature from "ol/Feature";
import { Fill, Style } from "ol/style";
import type { MultiPolygon, Polygon } from "ol/geom";
import type { GridFeature } from "@/api";
import { geojson } from "./ground";
import { type Palette, SINCE_CLASSES, type SinceClass } from "./palette";
import { StillLayer } from "./still";

type Area = Polygon | MultiPolygon;

export interface CoveredGrid {
  grid: GridFeature;
  since: SinceClass;
}

/** The ground shows through: roads tell where one is. */
const OPACITY = "B3";
const HATCH_PX = 10;

function hatch(color: string, line: string): CanvasPattern | string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = HATCH_PX;
  const context = canvas.getContext("2d");
  if (!context) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, HATCH_PX, HATCH_PX);
  context.strokeStyle = line;
  context.lineWidth = 2;
  // The corners belong to the lines of the neighbouring tiles.
  for (const at of [-HATCH_PX, 0, HATCH_PX]) {
    context.moveTo(at, HATCH_PX);
    context.lineTo(at + HATCH_PX, 0);
  }
  context.stroke();
  return context.createPattern(canvas, "repeat") ?? color;
}

export class Coverage {
  readonly layer = new StillLayer(1.5);

  constructor(palette: Palette) {
    this.paint(palette);
  }

  show(grids: readonly CoveredGrid[]): void {
    this.layer.show(grids.map(({ grid, since }) => new Feature({ geometry: geojson.readGeometry(grid.geometry) as Area, since })));
  }

  paint({ since, ground }: Palette): void {
    const styles = new Map(
      SINCE_CLASSES.map((one) => {
        const color = `${since[one]}${OPACITY}`;
        return [one, new Style({ fill: new Fill({ color: one === "never" ? hatch(color, `${ground}66`) : color }) })];
      }),
    );
    this.layer.setStyle((feature) => styles.get(feature.get("since")));
  }
}

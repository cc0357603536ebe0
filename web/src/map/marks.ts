/** Symbols as OpenLayers icons, drawn once each. */
import { Icon } from "ol/style";
import type { Part } from "./symbols";

/** Sharp on every screen that matters, and one drawing for all of them. */
const RATIO = 3;
const BOX = 24;
/** Halos, the heading and urgent outlines reach over the box. */
const MARGIN = 4;
const SIDE = BOX + 2 * MARGIN;

export function drawSymbol(parts: readonly Part[], size_px: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const side = Math.ceil((size_px * RATIO * SIDE) / BOX);
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.scale(side / SIDE, side / SIDE);
  context.translate(MARGIN, MARGIN);
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const part of parts) {
    const path = new Path2D(part.d);
    if (part.stroke) {
      context.strokeStyle = part.stroke;
      context.lineWidth = part.width ?? 1;
      context.stroke(path);
    }
    if (part.fill) {
      context.fillStyle = part.fill;
      context.fill(path);
    }
  }
  return canvas;
}

export interface MarkOptions {
  size_px: number;
  /** the point of the box that lies on the place, 0..1 from the top left */
  anchor?: [number, number];
  rotation_rad?: number;
  rotateWithView?: boolean;
  opacity?: number;
}

/** An icon that is always drawn and that labels keep clear of. */
export function mark(parts: readonly Part[], options: MarkOptions): Icon {
  const [x, y] = options.anchor ?? [0.5, 0.5];
  const inBox = (part: number): number => (part * BOX + MARGIN) / SIDE;
  return new Icon({
    img: drawSymbol(parts, options.size_px),
    scale: 1 / RATIO,
    anchor: [inBox(x), inBox(y)],
    rotation: options.rotation_rad ?? 0,
    rotateWithView: options.rotateWithView ?? false,
    opacity: options.opacity ?? 1,
    declutterMode: "obstacle",
  });
}

/** `make` once for each key. */
export function remember<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

/** A whole day as lines, broken where nobody knows the way. Pure. */
import { GAP_MS, type Recording } from "./columns";

/** lon, lat */
export function piecesOf({ t, lon, lat }: Recording): [number, number][][] {
  const pieces: [number, number][][] = [];
  let piece: [number, number][] = [];
  t.forEach((at, i) => {
    if (i > 0 && at - (t[i - 1] ?? at) > GAP_MS) {
      pieces.push(piece);
      piece = [];
    }
    piece.push([lon[i] ?? 0, lat[i] ?? 0]);
  });
  pieces.push(piece);
  return pieces.filter((line) => line.length > 1);
}

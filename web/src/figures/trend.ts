/** A small line of how a figure went. Pure. */

export interface Point {
  x: number;
  y: number;
}

/** The parts of the line, one for each run of values without a gap, in a box of `width` by `height`. */
export function trendLines(values: readonly (number | null)[], width: number, height: number): Point[][] {
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const lines: Point[][] = [];
  let line: Point[] = [];
  values.forEach((value, i) => {
    if (value === null) {
      line = [];
      return;
    }
    if (line.length === 0) lines.push(line);
    const x = values.length > 1 ? (i / (values.length - 1)) * width : width / 2;
    // What does not change lies in the middle.
    const y = most > least ? height - ((value - least) / (most - least)) * height : height / 2;
    line.push({ x: round(x), y: round(y) });
  });
  return lines;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function pathOf(line: readonly Point[]): string {
  return line.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
}

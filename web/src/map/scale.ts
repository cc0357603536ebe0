/** The scale bar: a round length and how long it is on the screen. Pure. */

export interface ScaleBar {
  length_m: number;
  width_px: number;
}

export function scaleBar(metresPerPixel: number, most_px = 96): ScaleBar {
  const longest_m = metresPerPixel * most_px;
  const power = 10 ** Math.floor(Math.log10(longest_m));
  const step = [5, 2, 1].find((times) => times * power <= longest_m) ?? 1;
  return { length_m: step * power, width_px: (step * power) / metresPerPixel };
}

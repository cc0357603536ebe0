/** What sensors measure, as texts: a quantity has its unit in its name. Pure. */
const UNITS: Record<string, string> = { m: "m", pct: "%", c: "°C", v: "V", kpa: "kPa", ppm: "ppm", mps: "m/s", a: "A", w: "W", lux: "lx" };

/** "0.31 m"; what is open or closed, on or off is sent as 1 or 0. */
export function measured(quantity: string, value: number, t: (key: string) => string): string {
  const unit = UNITS[quantity.slice(quantity.lastIndexOf("_") + 1)];
  if (unit) return `${Number(value.toPrecision(4))} ${unit}`;
  if (value === 0 || value === 1) return t(value === 1 ? "layers.yes" : "layers.no");
  return String(Number(value.toPrecision(6)));
}

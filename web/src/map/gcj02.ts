/**
 * GCJ-02, which the commercial maps of China are drawn in: WGS-84 moved by 20-700 m. The same formulas as
 * `gis/crs.py`; lon and lat in degrees, and outside of its box nothing is moved.
 */
import type { LonLat } from "@/api";

const A_M = 6_378_245;
const E2 = 0.006693421622965943;
const [WEST, EAST, SOUTH, NORTH] = [72.004, 137.8347, 0.8293, 55.8271];
const STEP_DEG = 1e-11;
const MOST_STEPS = 30;
const { sin, cos, sqrt, abs, PI } = Math;

function isInside([lon, lat]: LonLat): boolean {
  return lon >= WEST && lon <= EAST && lat >= SOUTH && lat <= NORTH;
}

function shifted([lon, lat]: LonLat): LonLat {
  const x = lon - 105;
  const y = lat - 35;
  const root = sqrt(abs(x));
  const ripple = 20 * sin(6 * PI * x) + 20 * sin(2 * PI * x);
  let east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
  let north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
  east_m += ((ripple + 20 * sin(PI * x) + 40 * sin((PI / 3) * x)) * 2) / 3;
  east_m += ((150 * sin((PI / 12) * x) + 300 * sin((PI / 30) * x)) * 2) / 3;
  north_m += ((ripple + 20 * sin(PI * y) + 40 * sin((PI / 3) * y)) * 2) / 3;
  north_m += ((160 * sin((PI / 12) * y) + 320 * sin((PI / 30) * y)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const w2 = 1 - E2 * sin(phi) ** 2;
  const perDegree = (A_M * PI) / 180;
  return [lon + (east_m * sqrt(w2)) / (perDegree * cos(phi)), lat + (north_m * w2 ** 1.5) / (perDegree * (1 - E2))];
}

export function wgs84ToGcj02(place: LonLat): LonLat {
  return isInside(place) ? shifted(place) : place;
}

/** Undoes it to under a millimetre, by fixed-point steps; the usual single step is metres off. */
export function gcj02ToWgs84(place: LonLat): LonLat {
  if (!isInside(place)) return place;
  let [lon, lat] = place;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [shiftedLon, shiftedLat] = shifted([lon, lat]);
    const [eastward, northward] = [place[0] - shiftedLon, place[1] - shiftedLat];
    lon += eastward;
    lat += northward;
    if (Math.max(abs(eastward), abs(northward)) <= STEP_DEG) break;
  }
  return [lon, lat];
}

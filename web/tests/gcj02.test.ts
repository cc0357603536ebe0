import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "ol/proj";
import { expect, test } from "vitest";
import type { Basemap, LonLat } from "@/api";
import { gcj02ToWgs84, wgs84ToGcj02 } from "@/map/gcj02";
import { projectionOf, tileGridOf } from "@/map/projections";

/** The server's own answers, `gis.crs.wgs84_to_gcj02`, to 1e-9 degrees. */
const KNOWN: [wgs84: LonLat, gcj02: LonLat][] = [
  [[116.404, 39.915], [116.410244499, 39.916404282]],
  [[118.65, 34.5], [118.655298901, 34.498731174]],
  [[121.5272106, 31.1774276], [121.531541859, 31.175303984]],
  [[87.6, 43.8], [87.602838972, 43.80121203]],
  [[104.5, 30.1], [104.502488346, 30.097318407]],
  [[140, 36], [140, 36]],
];
const MILLIMETRE_DEG = 1e-8;

test.each(KNOWN)("%j is shifted as the server shifts it, and comes back", (wgs84, gcj02) => {
  const [lon, lat] = wgs84ToGcj02(wgs84);
  expect(lon).toBeCloseTo(gcj02[0], 8);
  expect(lat).toBeCloseTo(gcj02[1], 8);
  const back = gcj02ToWgs84([lon, lat]);
  expect(Math.abs(back[0] - wgs84[0])).toBeLessThan(MILLIMETRE_DEG);
  expect(Math.abs(back[1] - wgs84[1])).toBeLessThan(MILLIMETRE_DEG);
});

test("OpenLayers moves a tile of GCJ-02 back to where it belongs", () => {
  const projection = projectionOf("gcj02");
  for (const [wgs84, gcj02] of KNOWN) {
    // The numbers of a map in GCJ-02 are those of Mercator for shifted degrees.
    const onTheirMap = transform(gcj02, "EPSG:4326", "EPSG:3857");
    const onOurs = transform(wgs84, "EPSG:4326", "EPSG:3857");
    const [x = 0, y = 0] = transform(onTheirMap, projection, "EPSG:3857");
    expect(Math.hypot(x - (onOurs[0] ?? 0), y - (onOurs[1] ?? 0))).toBeLessThan(0.01);
    const [u = 0, v = 0] = transform(onOurs, "EPSG:3857", projection);
    expect(Math.hypot(u - (onTheirMap[0] ?? 0), v - (onTheirMap[1] ?? 0))).toBeLessThan(0.01);
  }
});

const basemap: Basemap = {
  id: "x",
  title: { zh: "x", en: "x" },
  attribution: "",
  crs: "4490",
  minzoom: 1,
  maxzoom: 18,
  tile_size: 256,
  tiles: "",
  labels: null,
};

test("tiles of EPSG:4490 are numbered as Tianditu's matrix set c numbers them", () => {
  projectionOf("4490");
  const grid = tileGridOf(basemap);
  expect(grid.getResolution(1)).toBe(0.703125);
  expect(grid.getTileCoordForCoordAndZ([118.65, 34.5], 14)).toEqual([14, 13_591, 2_525]);
  expect(grid.getTileCoordExtent([1, 1, 0])).toEqual([0, -90, 180, 90]);
});

test("a larger tile shows as much in more pixels", () => {
  const grid = tileGridOf({ ...basemap, tile_size: 512 });
  expect(grid.getTileCoordExtent([1, 1, 0])).toEqual([0, -90, 180, 90]);
});

test("other tiles are numbered as everywhere", () => {
  for (const crs of ["3857", "gcj02"] as const)
    expect(tileGridOf({ ...basemap, crs }).getTileCoordForCoordAndZ(transform([118.65, 34.5], "EPSG:4326", "EPSG:3857"), 14)).toEqual([
      14, 13_591, 6_517,
    ]);
});

// Published by others, to 1e-5 degrees; the project does not carry them.
const data = process.env["WANGGE_REAL_DATA"] ?? join(import.meta.dirname, "..", "..", "..", "shared", "data");
const file = join(data, "crs_vectors/gcoord_china_cities.csv");

test.skipIf(!existsSync(file))("every city is where others say it is", () => {
  const [header = "", ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const column = (name: string): number => header.split(",").indexOf(name);
  const columns = ["wgs84_lng", "wgs84_lat", "gcj02_lng", "gcj02_lat"].map(column);
  expect(lines.length).toBeGreaterThan(300);
  for (const line of lines) {
    const cells = line.split(",");
    const [lon = 0, lat = 0, shiftedLon = 0, shiftedLat = 0] = columns.map((index) => Number(cells[index]));
    const [x, y] = wgs84ToGcj02([lon, lat]);
    expect(Math.max(Math.abs(x - shiftedLon), Math.abs(y - shiftedLat))).toBeLessThan(1e-5);
  }
});

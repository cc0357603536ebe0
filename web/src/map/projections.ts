/** The coordinate systems that basemaps of others are drawn in, known to OpenLayers. */
import type { Coordinate } from "ol/coordinate";
import { addCoordinateTransforms, addProjection, fromLonLat, get, Projection, toLonLat } from "ol/proj";
import TileGrid from "ol/tilegrid/TileGrid";
import { createXYZ } from "ol/tilegrid";
import type { Basemap, LonLat } from "@/api";
import { gcj02ToWgs84, wgs84ToGcj02 } from "./gcj02";
import { MAP_CRS } from "./ground";

const CODES: Record<Basemap["crs"], string> = { "3857": MAP_CRS, "4490": "EPSG:4490", gcj02: "GCJ-02:3857" };

function lonLat(coordinate: Coordinate): LonLat {
  const [lon = 0, lat = 0] = coordinate;
  return [lon, lat];
}

/** Registered the first time one is asked for. */
function register(): void {
  // CGCS2000 differs from WGS-84 by centimetres and is taken as equal, as everywhere here.
  const degrees = new Projection({ code: CODES["4490"], units: "degrees", extent: [-180, -90, 180, 90], global: true });
  addProjection(degrees);
  addCoordinateTransforms(degrees, MAP_CRS, (place) => fromLonLat(place), (place) => toLonLat(place));
  const mercator = get(MAP_CRS);
  const shifted = new Projection({ code: CODES.gcj02, units: "m", extent: mercator?.getExtent(), global: true });
  addProjection(shifted);
  addCoordinateTransforms(
    shifted,
    MAP_CRS,
    (place) => fromLonLat(gcj02ToWgs84(lonLat(toLonLat(place)))),
    (place) => fromLonLat(wgs84ToGcj02(lonLat(toLonLat(place)))),
  );
}

export function projectionOf(crs: Basemap["crs"]): string {
  if (!get(CODES[crs])) register();
  return CODES[crs];
}

/** Where the tiles lie. In degrees, zoom z has 2^z columns from 180° W and rows as high from 90° N. */
export function tileGridOf({ crs, minzoom, maxzoom, tile_size }: Basemap): TileGrid {
  if (crs !== "4490") return createXYZ({ minZoom: minzoom, maxZoom: maxzoom, tileSize: tile_size });
  return new TileGrid({
    origin: [-180, 90],
    extent: [-180, -90, 180, 90],
    minZoom: minzoom,
    resolutions: Array.from({ length: maxzoom + 1 }, (_, z) => 360 / tile_size / 2 ** z),
    tileSize: tile_size,
  });
}

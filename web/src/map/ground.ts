/** Between the earth (lon, lat in degrees) and the map (EPSG:3857, metres at the equator). */
import type { Coordinate } from "ol/coordinate";
import GeoJSON from "ol/format/GeoJSON";
import { fromLonLat, toLonLat } from "ol/proj";
import type { LonLat } from "@/api";

export const MAP_CRS = "EPSG:3857";

export function toMap([lon, lat]: LonLat | [number, number]): Coordinate {
  return fromLonLat([lon, lat]);
}

export function fromMap(coordinate: Coordinate): LonLat {
  const [lon = 0, lat = 0] = toLonLat(coordinate);
  return [lon, lat];
}

/** Reads GeoJSON of the interface into the map's coordinates. */
export const geojson = new GeoJSON({ dataProjection: "EPSG:4326", featureProjection: MAP_CRS });

/** Mercator stretches with latitude: so many map units are one metre on the ground there. */
export function unitsPerMetre(lat: number): number {
  return 1 / Math.cos((lat * Math.PI) / 180);
}

export function tileUrl(layer: string): string {
  return `/api/v1/tiles/${layer}/{z}/{x}/{y}.mvt`;
}

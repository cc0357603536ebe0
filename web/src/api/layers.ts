/** The layers of the catalog, and what the devices on them say. */
import { ask, askAt } from "./http";
import type {
  Camera,
  CameraStream,
  CatalogLayer,
  Exceedance,
  FacilityKindCount,
  LayerFeature,
  Sensor,
  Showing,
  SuspectedChange,
  Verdict,
  VideoRound,
} from "./types";

/** Those that the viewer may look at. */
export async function allLayers(): Promise<CatalogLayer[]> {
  return (await ask("get", "/api/v1/layers")).items;
}

/** One feature of any layer, by the id that it has in tiles. */
export function layerFeature(layer: string, id: string, signal?: AbortSignal): Promise<LayerFeature> {
  return askAt(`/ogc/collections/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}`, signal);
}

export async function facilityKinds(): Promise<FacilityKindCount[]> {
  return (await ask("get", "/api/v1/facilities/kinds")).items;
}

export function oneSensor(code: string): Promise<Sensor> {
  return ask("get", "/api/v1/sensors/{code}", { path: { code } });
}

/** The newest first. */
export async function exceedancesOf(code: string): Promise<Exceedance[]> {
  return (await ask("get", "/api/v1/sensors/{code}/exceedances", { path: { code }, query: { limit: 10 } })).items;
}

export function suspectedChange(id: number): Promise<SuspectedChange> {
  return ask("get", "/api/v1/changes/{id}", { path: { id } });
}

/** With the ids of photos of what was found there. */
export function judgeChange(id: number, verdict: Verdict, photos: string[]): Promise<SuspectedChange> {
  return ask("post", "/api/v1/changes/{id}/verdict", { path: { id }, body: { verdict, photos } });
}

export function oneCamera(code: string): Promise<Camera> {
  return ask("get", "/api/v1/cameras/{code}", { path: { code } });
}

/** An address that is good for minutes. Each time is kept in the audit. */
export function cameraStream(code: string): Promise<CameraStream> {
  return ask("post", "/api/v1/cameras/{code}/stream", { path: { code } });
}

export async function videoRounds(): Promise<VideoRound[]> {
  return (await ask("get", "/api/v1/video_rounds")).items;
}

/** What plays now, and what comes next. */
export async function videoSchedule(id: number, count: number): Promise<Showing[]> {
  return (await ask("get", "/api/v1/video_rounds/{id}/schedule", { path: { id }, query: { count } })).items;
}

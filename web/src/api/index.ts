/** Every request of the pages, one function each. */
import { ask, fetchFile, linesOf, urlOf } from "./http";
import type { paths } from "./schema";
import { readReplay, type ReplayHead } from "./replay";
import type {
  Alert,
  Basemap,
  Case,
  CaseDetail,
  CaseOrder,
  CasePage,
  Category,
  Duplicate,
  GridCollection,
  GridOwners,
  Located,
  LonLat,
  Nearby,
  NamedFile,
  NewCase,
  Period,
  PositionCollection,
  ReplayColumns,
  StaffMember,
  StaffNumbers,
  Track,
  TrackFormat,
  Unit,
  VisitToGrid,
  Topic,
} from "./types";

export * from "./types";
export * from "./administration";
export * from "./calendar";
export * from "./categories";
export * from "./channels";
export * from "./duty";
export * from "./editions";
export * from "./figures";
export * from "./intake";
export * from "./layers";
export * from "./notices";
export * from "./photos";
export * from "./session";
export { asProblem, onSession, Problem } from "./http";

export function allGrids(at?: string): Promise<GridCollection> {
  return ask("get", "/api/v1/grids", { query: at === undefined ? {} : { at } });
}

/** Who would get a case in each grid without grids below, and how its post is held. */
export function gridOwners(): Promise<GridOwners> {
  return ask("get", "/api/v1/grids/owners");
}

/** Those of others; the local one is always there. */
export async function allBasemaps(): Promise<Basemap[]> {
  return (await ask("get", "/api/v1/basemaps")).items;
}

/** Of the grid and of those inside it; those of departments and of enforcement too where they are asked for. */
export async function staffOf(code: string, ofTheTown = false): Promise<StaffMember[]> {
  return (await ask("get", "/api/v1/grids/{code}/staff", { path: { code }, query: { of_the_town: ofTheTown } })).items;
}

export function locate([lon, lat]: LonLat, signal?: AbortSignal): Promise<Located> {
  return ask("get", "/api/v1/grids/locate", { query: { lon, lat }, signal });
}

export async function allUnits(): Promise<Unit[]> {
  const units: Unit[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Unit[]; next: string | null } = await ask("get", "/api/v1/units", {
      query: { cursor, limit: 1000 },
    });
    units.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return units;
}

export function positions(): Promise<PositionCollection> {
  return ask("get", "/api/v1/positions");
}

/** Where to listen for what changes about `topics` after the id `after`. */
export function streamOf(topics: readonly Topic[], after: string): string {
  const path = urlOf("/api/v1/stream", {}, { after: after || null });
  return topics.reduce((url, topic) => `${url}${url.includes("?") ? "&" : "?"}topic=${topic}`, path);
}

/** What wants somebody's attention, the latest beginning first. */
export async function openAlerts(): Promise<Alert[]> {
  return (await ask("get", "/api/v1/alerts", { query: { state: "open", limit: 500 } })).items;
}

/** Of several who do, the first stays; the answer says who that was. */
export function acknowledgeAlert(id: number, note: string): Promise<Alert> {
  return ask("post", "/api/v1/alerts/{id}/acknowledge", { path: { id }, body: { note: note.trim() || null } });
}

/** At most one case is made of an alert: asking again gives the same. */
export function makeCaseOfAlert(id: number): Promise<Alert> {
  return ask("post", "/api/v1/alerts/{id}/case", { path: { id } });
}

/** Of another person and an earlier day only with a `reason`, which is kept in the audit. */
export function track(id: string, { from, to }: Period, reason: string | null, signal?: AbortSignal): Promise<Track> {
  const query = { from: from.toISOString(), to: to.toISOString(), ...(reason ? { reason } : {}) };
  return ask("get", "/api/v1/units/{id}/track", { path: { id }, query, signal });
}

/** Who came within the radius of a place. The look is kept in the audit, with the reason. */
export function nearby([lon, lat]: LonLat, radius_m: number, { from, to }: Period, reason: string, signal?: AbortSignal): Promise<Nearby> {
  const query = { lon, lat, radius_m, from: from.toISOString(), to: to.toISOString(), reason };
  return ask("get", "/api/v1/nearby", { query, signal });
}

/** Who was in a grid of level 2, in the order of time. The look is kept in the audit. */
export async function visitsToGrid(code: string, { from, to }: Period): Promise<VisitToGrid[]> {
  const query = { from: from.toISOString(), to: to.toISOString() };
  return (await ask("get", "/api/v1/grids/{code}/visits", { path: { code }, query })).items;
}

/** In the order they are offered in. */
export const TRACK_FORMATS: readonly TrackFormat[] = ["xlsx", "csv", "gpx", "kml", "geojson", "geoparquet"];

/** Whose tracks: of these units, or of everybody at home in the grid and below. */
export type TracksOf = { units: string[] } | { grid: string };

function queryOf(of: TracksOf, { from, to }: Period, reason: string | null) {
  const whom = "units" in of ? { units: of.units.join(",") } : { grid: of.grid };
  return { ...whom, from: from.toISOString(), to: to.toISOString(), ...(reason ? { reason } : {}) };
}

export async function exportTracks(of: TracksOf, period: Period, format: TrackFormat, reason: string): Promise<NamedFile> {
  const file = await fetchFile(urlOf("/api/v1/tracks/export", {}, { ...queryOf(of, period, reason), format }));
  return { content: file.content, name: file.name ?? `tracks.${format}` };
}

/** Tells of each unit as it arrives. A unit without a fix does not. */
export async function replay(
  of: TracksOf,
  period: Period,
  reason: string | null,
  told: (unit: ReplayColumns, replay: ReplayHead) => void,
  signal?: AbortSignal,
): Promise<void> {
  const lines = linesOf(urlOf("/api/v1/replay", {}, queryOf(of, period, reason)), signal);
  await readReplay(lines, told);
}

/** The whole numbers of somebody on the staff; the look is kept in the audit. */
export function unmaskStaff(id: number, reason: string): Promise<StaffNumbers> {
  return ask("post", "/api/v1/staff/{id}/unmask", { path: { id }, body: { reason } });
}

export async function unmaskReporter(id: number, reason: string): Promise<string | null> {
  return (await ask("post", "/api/v1/cases/{id}/unmask", { path: { id }, body: { reason } })).reporter;
}

/** Newest reports first. */
export function casePage(open: boolean, cursor: string | null, limit: number): Promise<CasePage> {
  return ask("get", "/api/v1/cases", { query: { open, cursor, limit } });
}

/** What is asked of all cases. */
export type CaseQuery = NonNullable<paths["/api/v1/cases"]["get"]["parameters"]["query"]>;

export async function casesWanted(query: CaseQuery, signal?: AbortSignal): Promise<Case[]> {
  return (await ask("get", "/api/v1/cases", { query, signal })).items;
}

export function caseDetail(id: number, signal?: AbortSignal): Promise<CaseDetail> {
  return ask("get", "/api/v1/cases/{id}", { path: { id }, signal });
}

export async function caseCategories(): Promise<Category[]> {
  return (await ask("get", "/api/v1/cases/categories")).items;
}

/** Open cases of the category that a report from this place may be about too, the nearest first. */
export async function duplicatesNear([lon, lat]: LonLat, category: string, signal?: AbortSignal): Promise<Duplicate[]> {
  return (await ask("get", "/api/v1/cases/duplicates", { query: { lon, lat, category }, signal })).items;
}

/** `key` makes the report safe to send again: the server answers the same case. */
export function reportCase(report: NewCase, key: string): Promise<Case> {
  return ask("post", "/api/v1/cases", { body: report, headers: { "idempotency-key": key } });
}

/** Refused when the case has changed since the order's version. */
export function actOnCase(id: number, order: CaseOrder): Promise<Case> {
  return ask("post", "/api/v1/cases/{id}/actions", { path: { id }, body: order });
}

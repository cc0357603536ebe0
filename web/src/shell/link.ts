/**
 * The address bar as a value: a link reproduces the screen.
 *
 *     /?section=replay&at=113.41982,28.61021,14.5&layers=cameras,people&open=unit:GW-017
 *      &near=113.42010,28.61100,100&between=2026-11-20T09:00,2026-11-20T11:00
 *      &track=2026-11-20&replay=GW-017,GW-018&day=2026-11-21&time=09:30:00&speed=30
 *
 *      &section=cases&cases=all&only=mine,urgent&order=due
 *      &section=cases&desk=import
 *      &also=sensors,changes&edition=12
 *      &section=figures&figures=rankings&of=staff&period=month&back=1&in=320722101
 *
 * What is as it would be anyway is left out, and what cannot be read is as if it were not there.
 */
import { type FiguresLink, readFiguresLink, usualFigures, writeFiguresLink } from "@/figures/link";
import { type Criteria, readCriteria, writeCriteria } from "@/nearby/criteria";
import { SPEEDS, type Speed } from "@/replay/clock";
import { DUTY_TABS, type DutyTab, type Section, SECTIONS, type Tab, TABS } from "./sections";

export const LAYERS = ["people", "cases", "grids", "cameras", "facilities", "basemap"] as const;
export type LayerName = (typeof LAYERS)[number];
export const USUAL_LAYERS: readonly LayerName[] = ["people", "cases", "grids", "basemap"];

export const OBJECTS = ["unit", "case", "grid", "camera", "facility", "plan", "roster", "inspection", "feature"] as const;
export type ObjectKind = (typeof OBJECTS)[number];
export interface Chosen {
  kind: ObjectKind;
  id: string;
}

/** What is done with many cases at once, in the map's place. */
export const CASE_DESKS = ["import", "pairs"] as const;
export type CaseDesk = (typeof CASE_DESKS)[number];

/** What a list of cases is narrowed to, and what stands first in it. */
export const CASE_ONLY = ["mine", "overdue", "urgent", "supervised"] as const;
export type CaseOnly = (typeof CASE_ONLY)[number];
export const CASE_ORDERS = ["newest", "due"] as const;
export type CaseOrder = (typeof CASE_ORDERS)[number];

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export interface ReplayLink {
  units: string[];
  grid: string | null;
  /** yyyy-mm-dd, local */
  day: string | null;
  /** hh:mm:ss, local */
  time: string | null;
  speed: Speed;
}

export interface Link {
  section: Section;
  panel: boolean;
  view: View | null;
  layers: LayerName[];
  /** layers of the catalog beside those, by their ids */
  overlays: string[];
  chosen: Chosen | null;
  /** yyyy-mm-dd, local: whose track is open, when not today's */
  trackDay: string | null;
  /** where and when somebody asks who passed */
  nearby: Criteria | null;
  caseFilter: string;
  caseOnly: CaseOnly[];
  caseOrder: CaseOrder;
  caseDesk: CaseDesk | null;
  /** of the settings */
  tab: Tab;
  /** what of duty is shown */
  duty: DutyTab;
  /** of the grids: all editions, or the one that is open */
  edition: "all" | number | null;
  figures: FiguresLink;
  replay: ReplayLink;
}

/** What takes the map's place: its tables need the room. */
export type Page = "figures" | "settings" | CaseDesk;

export function pageOf({ section, caseDesk }: Pick<Link, "section" | "caseDesk">): Page | null {
  if (section === "figures" || section === "settings") return section;
  return section === "cases" ? caseDesk : null;
}

export function emptyLink(): Link {
  return {
    section: "live",
    panel: true,
    view: null,
    layers: [...USUAL_LAYERS],
    overlays: [],
    chosen: null,
    trackDay: null,
    nearby: null,
    caseFilter: "open",
    caseOnly: [],
    caseOrder: "newest",
    caseDesk: null,
    tab: "accounts",
    duty: "plans",
    edition: null,
    figures: usualFigures(),
    replay: { units: [], grid: null, day: null, time: null, speed: 30 },
  };
}

/** At most so long, as the catalog says. */
const LAYER_ID = /^[a-z][a-z0-9_-]{0,47}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function oneOf<T extends string>(words: readonly T[], word: string | null): T | null {
  return words.find((known) => known === word) ?? null;
}

function readView(text: string | null): View | null {
  const [lon, lat, zoom] = (text ?? "").split(",").map(Number);
  if (lon === undefined || lat === undefined || zoom === undefined) return null;
  const sane = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22;
  return sane ? { lon, lat, zoom } : null;
}

function readChosen(text: string | null): Chosen | null {
  const cut = (text ?? "").indexOf(":");
  if (!text || cut < 1 || cut === text.length - 1) return null;
  const kind = oneOf(OBJECTS, text.slice(0, cut));
  return kind ? { kind, id: text.slice(cut + 1) } : null;
}

function readEdition(text: string | null): Link["edition"] {
  if (text === "all") return text;
  const number = /^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : null;
  return number;
}

/** `usual` is what holds where the address says nothing. */
export function readLink(search: string, usual: Partial<Link> = {}): Link {
  const query = new URLSearchParams(search);
  const link = { ...emptyLink(), ...usual };
  const matching = (name: string, pattern: RegExp): string | null => {
    const text = query.get(name);
    return text && pattern.test(text) ? text : null;
  };
  const layers = query.get("layers");
  const speed = SPEEDS.find((known) => String(known) === query.get("speed"));
  return {
    section: oneOf(SECTIONS, query.get("section")) ?? link.section,
    panel: query.get("panel") !== "folded",
    view: readView(query.get("at")),
    layers: layers === null ? link.layers : LAYERS.filter((name) => layers.split(",").includes(name)),
    overlays: query.has("also") || layers !== null ? (query.get("also") ?? "").split(",").filter((id) => LAYER_ID.test(id)) : link.overlays,
    chosen: readChosen(query.get("open")),
    trackDay: matching("track", DAY),
    nearby: readCriteria(query.get("near"), query.get("between")),
    caseFilter: matching("cases", /^[a-z_]+$/) ?? link.caseFilter,
    caseOnly: CASE_ONLY.filter((one) => query.get("only")?.split(",").includes(one)),
    caseOrder: oneOf(CASE_ORDERS, query.get("order")) ?? link.caseOrder,
    caseDesk: oneOf(CASE_DESKS, query.get("desk")),
    tab: oneOf(TABS, query.get("tab")) ?? link.tab,
    duty: oneOf(DUTY_TABS, query.get("duty")) ?? link.duty,
    edition: readEdition(query.get("edition")),
    figures: readFiguresLink(query),
    replay: {
      units: (query.get("replay") ?? "").split(",").filter(Boolean),
      grid: query.get("replay-grid"),
      day: matching("day", DAY),
      time: matching("time", /^\d{2}:\d{2}:\d{2}$/),
      speed: speed ?? link.replay.speed,
    },
  };
}

export function writeLink(link: Link): string {
  const usual = emptyLink();
  const query = new URLSearchParams();
  if (link.section !== usual.section) query.set("section", link.section);
  if (!link.panel) query.set("panel", "folded");
  if (link.view) {
    const { lon, lat, zoom } = link.view;
    query.set("at", `${lon.toFixed(5)},${lat.toFixed(5)},${Number(zoom.toFixed(2))}`);
  }
  const layers = LAYERS.filter((name) => link.layers.includes(name)).join(",");
  if (layers !== LAYERS.filter((name) => usual.layers.includes(name)).join(","))
    query.set("layers", layers);
  if (link.overlays.length > 0) query.set("also", link.overlays.join(","));
  if (link.chosen) query.set("open", `${link.chosen.kind}:${link.chosen.id}`);
  if (link.chosen?.kind === "unit" && link.trackDay) query.set("track", link.trackDay);
  if (link.nearby) {
    const { near, between } = writeCriteria(link.nearby);
    query.set("near", near);
    query.set("between", between);
  }
  if (link.section === "settings" && link.tab !== usual.tab) query.set("tab", link.tab);
  if (link.section === "cases" && link.caseDesk !== null) query.set("desk", link.caseDesk);
  if (link.section === "duty" && link.duty !== usual.duty) query.set("duty", link.duty);
  if (link.section === "figures") writeFiguresLink(query, link.figures);
  if (link.section === "grids" && link.edition !== null) query.set("edition", String(link.edition));
  if (link.caseFilter !== usual.caseFilter) query.set("cases", link.caseFilter);
  if (link.caseOnly.length > 0) query.set("only", CASE_ONLY.filter((one) => link.caseOnly.includes(one)).join(","));
  if (link.caseOrder !== usual.caseOrder) query.set("order", link.caseOrder);
  if (link.section === "replay") {
    const { units, grid, day, time, speed } = link.replay;
    if (units.length > 0) query.set("replay", units.join(","));
    if (grid) query.set("replay-grid", grid);
    if (day) query.set("day", day);
    if (time) query.set("time", time);
    if (speed !== usual.replay.speed) query.set("speed", String(speed));
  }
  // Commas and colons are legal in a query and make the link readable.
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : "";
}

/** The colours of the map. The page's own are in `shell/tokens.css`; states are the same in both. */
import type { RoundState, UnitState } from "@/api";

export type Theme = "light" | "dark";

/** Fixed, so that a colour means the same today and tomorrow: under 4, 12, 24, 72 hours, longer, never. */
export const SINCE_CLASSES = ["h4", "h12", "h24", "h72", "longer", "never"] as const;
export type SinceClass = (typeof SINCE_CLASSES)[number];

export interface Palette {
  land: string;
  water: string;
  waterLine: string;
  green: string;
  farmland: string;
  built: string;
  house: string;
  road: string;
  roadCasing: string;
  path: string;
  label: string;
  labelSoft: string;
  halo: string;
  border: string;
  borderSoft: string;
  dim: string;
  accent: string;
  accentFill: string;
  ground: string;
  text: string;
  facility: string;
  /** of a grid, by the time since somebody was there: one hue, ever stronger against the ground */
  since: Record<SinceClass, string>;
}

export const PALETTES: Record<Theme, Palette> = {
  light: {
    land: "#F0F2F3",
    water: "#CBDDE9",
    waterLine: "#B5CDDD",
    green: "#DDE9DA",
    farmland: "#E9EEE2",
    built: "#E6E8EA",
    house: "#D3D7DC",
    road: "#FFFFFF",
    roadCasing: "#D2D7DD",
    path: "#DADEE3",
    label: "#3A4656",
    labelSoft: "#6B7684",
    halo: "rgba(255,255,255,0.85)",
    border: "#5F6F83",
    borderSoft: "#8C99A9",
    dim: "rgba(246,247,249,0.66)",
    accent: "#1F5FBF",
    accentFill: "rgba(31,95,191,0.10)",
    ground: "#FFFFFF",
    text: "#1B2430",
    facility: "#77828F",
    since: { h4: "#EFEDF5", h12: "#CFCDE6", h24: "#A8A2D0", h72: "#7B6DB3", longer: "#54278F", never: "#2D1150" },
  },
  dark: {
    land: "#151C23",
    water: "#1B3142",
    waterLine: "#24405A",
    green: "#182820",
    farmland: "#1A241F",
    built: "#1E262E",
    house: "#2A343E",
    road: "#36424E",
    roadCasing: "#10161C",
    path: "#2A343E",
    label: "#C3CDD8",
    labelSoft: "#8593A3",
    halo: "rgba(15,20,26,0.85)",
    border: "#7F90A4",
    borderSoft: "#566475",
    dim: "rgba(11,15,20,0.62)",
    accent: "#6AA5FF",
    accentFill: "rgba(106,165,255,0.14)",
    ground: "#171E26",
    text: "#E6EBF1",
    facility: "#8794A3",
    since: { h4: "#262239", h12: "#3E3564", h24: "#5D4E96", h72: "#8774C7", longer: "#B7A6EE", never: "#E4DCFF" },
  },
};

/** The two colours of places: they are there to be found, not to be seen first. */
export function quietOf(palette: Palette): { line: string; ground: string } {
  return { line: palette.facility, ground: palette.ground };
}

export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

export const UNIT_COLOURS: Record<UnitState, string> = {
  moving: "#009E73",
  still: "#56B4E9",
  stale: "#E69F00",
  sos: "#D55E00",
  off_duty: "#8A94A0",
  offline: "#8A94A0",
};

/** What a dispatcher tells apart; the fourteen states of a case fall into these. */
export const CASE_STAGES = ["new", "dispatched", "in_progress", "checking", "closed"] as const;
export type CaseStage = (typeof CASE_STAGES)[number];

export const CASE_COLOURS: Record<CaseStage, string> = {
  new: "#D55E00",
  dispatched: "#E69F00",
  in_progress: "#0072B2",
  checking: "#CC79A7",
  closed: "#8A94A0",
};

/** Of a round of a patrol plan, and of a checkpoint in one. */
export const ROUND_COLOURS: Record<RoundState, string> = {
  done: "#009E73",
  under_way: "#0072B2",
  missed: "#D55E00",
  upcoming: "#8A94A0",
};

/** Lines of several replayed units, told apart on both grounds (Okabe-Ito, less the alarm colour). */
export const LINE_COLOURS = [
  "#0072B2",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#8F6BD8",
  "#56B4E9",
  "#A6761D",
  "#66A61E",
  "#B3467A",
  "#5F7FA8",
];

export function lineColour(index: number): string {
  return LINE_COLOURS[index % LINE_COLOURS.length] ?? "#0072B2";
}

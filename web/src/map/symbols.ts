/**
 * Every sign of the map as paths in a 24 x 24 box, centred on 12,12.
 *
 * One source for the canvas, the lists and the legend, so that a shape means the same everywhere.
 */
import type { RoundState, UnitState } from "@/api";
import { CASE_COLOURS, type CaseStage, ROUND_COLOURS, type SinceClass, UNIT_COLOURS } from "./palette";

/** The stroke lies under the fill, so that half of its width shows around a filled shape. */
export interface Part {
  d: string;
  fill?: string;
  stroke?: string;
  /** in the units of the box */
  width?: number;
}

/** What a swatch needs of a palette. */
export interface Shades {
  since: Record<SinceClass, string>;
  ground: string;
  border: string;
}

const HALO = "#FFFFFF";

function circle(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}

/** `heading`: with the beak that points up; the caller turns the whole sign. */
export function unitSymbol(state: UnitState, heading = false): Part[] {
  const colour = UNIT_COLOURS[state];
  const edge = { fill: colour, stroke: HALO, width: 3 };
  switch (state) {
    case "moving":
      return [
        { d: circle(12, 12, 6.5), ...edge },
        ...(heading ? [{ d: "M12-2.8 18.4 5.8C14.4 4 9.6 4 5.6 5.8Z", ...edge }] : []),
      ];
    case "still":
      return [{ d: "M6.2 6.2h11.6v11.6H6.2Z", ...edge }];
    case "stale":
      return [{ d: "M12 4.2 20 18.6H4Z", ...edge }];
    case "sos":
      return [
        { d: circle(12, 12, 9.6), fill: HALO, stroke: colour, width: 3.6 },
        { d: "M7.5 7.5 16.5 16.5M16.5 7.5 7.5 16.5", stroke: colour, width: 4 },
      ];
    case "off_duty":
      return [
        { d: circle(12, 12, 6), stroke: HALO, width: 5 },
        { d: circle(12, 12, 6), stroke: colour, width: 2.6 },
      ];
    case "offline":
      return [
        { d: circle(12, 12, 6.5), ...edge },
        { d: "M5.5 18.5 18.5 5.5", stroke: HALO, width: 4.6 },
        { d: "M5 19 19 5", stroke: colour, width: 2 },
      ];
  }
}

const PIN = "M12 23C7.5 17.8 4 14 4 9.7a8 8 0 1 1 16 0C20 14 16.5 17.8 12 23Z";

const STAGE_GLYPHS: Record<CaseStage, string> = {
  new: "M12 5.2v5.6M12 13.4v.6",
  dispatched: "M8.2 9.6h7M12.6 6.6l3 3-3 3",
  in_progress: "M8 9.7h.1M12 9.7h.1M16 9.7h.1",
  checking: "M8.4 9.8l2.6 2.6 4.8-5.2",
  closed: "M8.5 9.7h7",
};

const CLOCK: Part[] = [
  { d: circle(18.5, 5.5, 5), fill: "#FFFFFF", stroke: "#B3261E", width: 3 },
  { d: "M18.5 2.8v2.9l1.9 1.3", stroke: "#B3261E", width: 1.5 },
];

/** A pin whose point is the place; overdue adds a clock, urgent a second outline. */
export function caseSymbol(stage: CaseStage, overdue = false, urgent = false): Part[] {
  return [
    ...(urgent ? [{ d: PIN, stroke: CASE_COLOURS.new, width: 6 }] : []),
    { d: PIN, fill: CASE_COLOURS[stage], stroke: HALO, width: 2.8 },
    { d: STAGE_GLYPHS[stage], stroke: HALO, width: stage === "in_progress" ? 2.6 : 2 },
    ...(overdue ? CLOCK : []),
  ];
}

/** What became of a round: a disc with a check, a diamond with a cross, a ring that is half full, a clock. */
export function roundSymbol(state: RoundState): Part[] {
  const colour = ROUND_COLOURS[state];
  const ring = [
    { d: circle(12, 12, 7), fill: HALO, stroke: HALO, width: 5 },
    { d: circle(12, 12, 7), stroke: colour, width: 2.4 },
  ];
  switch (state) {
    case "done":
      return [
        { d: circle(12, 12, 8), fill: colour, stroke: HALO, width: 3 },
        { d: "M8.2 12.2l2.7 2.7 5-5.4", stroke: HALO, width: 2.2 },
      ];
    case "missed":
      return [
        { d: "M12 2.5 21.5 12 12 21.5 2.5 12Z", fill: colour, stroke: HALO, width: 3 },
        { d: "M9 9 15 15M15 9 9 15", stroke: HALO, width: 2.4 },
      ];
    case "under_way":
      return [...ring, { d: "M12 5a7 7 0 0 1 0 14Z", fill: colour }];
    case "upcoming":
      return [...ring, { d: "M12 8.4V12l2.4 1.6", stroke: colour, width: 1.8 }];
  }
}

/** A swatch of the ground; what nobody was ever in is hatched, as on the map. */
export function sinceSymbol(since: SinceClass, { since: colours, ground, border }: Shades): Part[] {
  return [
    { d: "M3 5h18v14H3Z", fill: colours[since], stroke: border, width: 1 },
    ...(since === "never" ? [{ d: "M4.5 17.5 14.5 6.5M11 17.5 19.5 8", stroke: ground, width: 1.4 }] : []),
  ];
}

export function stopSymbol(colour: string): Part[] {
  return [{ d: circle(12, 12, 6), fill: "#FFFFFF", stroke: colour, width: 5 }];
}

export function endSymbol(colour: string, last: boolean): Part[] {
  return [
    { d: circle(12, 12, 7), fill: colour, stroke: HALO, width: 3 },
    { d: last ? "M9 9h6v6H9Z" : "M10 8.4 16 12l-6 3.6Z", fill: HALO },
  ];
}

/** Places are drawn in two quiet colours: line and ground. A camera looks up; the caller turns it. */
export interface Quiet {
  line: string;
  ground: string;
}

export function cameraSymbol({ line, ground }: Quiet, working: boolean): Part[] {
  return [
    { d: circle(12, 12, 8), fill: ground, stroke: line, width: 3 },
    { d: "M9 11h6v5.5H9ZM12 10.5 15 6.8H9Z", fill: line },
    ...(working ? [] : [{ d: "M5.5 18.5 18.5 5.5", stroke: line, width: 2 }]),
  ];
}

const FACILITY_GLYPHS: Record<string, string> = {
  school: "M6.5 10.5 12 7.8l5.5 2.7-5.5 2.7ZM8.8 12.8v2.4c1.8 1.4 4.6 1.4 6.4 0v-2.4",
  clinic: "M12 8v8M8 12h8",
  street_lamp: "M9.5 16.5V9a2.5 2.5 0 0 1 5 0M12.8 10.5h3.4",
  manhole: "M7.8 12a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0-8.4 0M9.5 12h5",
  hydrant: "M10 16.5v-6a2 2 0 0 1 4 0v6M8.5 16.5h7M8.5 12.5h7",
  trash_station: "M8 9.5h8M9 9.5l.6 6.5h4.8l.6-6.5M10.8 8h2.4",
  bus_stop: "M8.5 8h7v6.5h-7ZM8.5 11.5h7M9.8 16v-1.5M14.2 16v-1.5",
  toilet: "M9.5 8v.1M9.5 10.5v5.5M14.5 8v.1M14.5 10.5v5.5M12 7.5v9",
};

export function facilitySymbol(kind: string, { line, ground }: Quiet): Part[] {
  const glyph = FACILITY_GLYPHS[kind] ?? circle(12, 12, 2);
  return [
    { d: "M6.5 4h11A2.5 2.5 0 0 1 20 6.5v11a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17.5v-11A2.5 2.5 0 0 1 6.5 4Z", fill: ground, stroke: line, width: 2.8 },
    { d: glyph, stroke: line, width: 1.6 },
  ];
}

/** What a tool needs before it can be used, and the order that it makes. Pure. */
import type { EditionOrder, LonLat } from "@/api";

export const TOOLS = ["split", "move_border", "merge", "rename", "change_parent", "snap"] as const;
export type Tool = (typeof TOOLS)[number];

export const SIDES = ["larger", "smaller", "left", "right", "neither"] as const;
export type Side = (typeof SIDES)[number];

/** What is filled in beside a tool; empty is left to the server. */
export interface ToolWish {
  keeps: Side;
  cut_children: boolean;
  name: string;
  otherName: string;
  code: string;
  parent: string;
  tolerance_m: number;
}

export function emptyWish(): ToolWish {
  return { keeps: "larger", cut_children: false, name: "", otherName: "", code: "", parent: "", tolerance_m: 0.5 };
}

export function needsLine(tool: Tool): boolean {
  return tool === "split" || tool === "move_border";
}

/** What is missing, in the order in which one does it; null when the tool can be used. */
export type Missing = "one" | "two" | "some" | "line" | "words" | "parent";

export function missingFor(tool: Tool, selected: number, line: readonly LonLat[] | null, wish: ToolWish): Missing | null {
  if (tool === "snap") return null;
  if (tool === "merge") return selected < 2 ? "some" : null;
  if (tool === "move_border" && selected !== 2) return "two";
  if (tool !== "move_border" && selected !== 1) return "one";
  if (needsLine(tool)) return line && line.length > 1 ? null : "line";
  if (tool === "rename") return wish.name.trim() || wish.code.trim() ? null : "words";
  return wish.parent ? null : "parent";
}

function words(...texts: string[]): string[] {
  return texts.map((text) => text.trim()).filter(Boolean);
}

export function orderOf(tool: Tool, selected: readonly string[], line: readonly LonLat[] | null, wish: ToolWish, version: number): EditionOrder {
  const [grid = ""] = selected;
  const path = { type: "LineString" as const, coordinates: (line ?? []).map(([lon, lat]): [number, number] => [lon, lat]) };
  switch (tool) {
    case "split":
      return { kind: tool, grid, line: path, keeps: wish.keeps, cut_children: wish.cut_children, codes: words(wish.code), names: words(wish.name, wish.keeps === "neither" ? wish.otherName : ""), snap_m: 0.5, version };
    case "move_border":
      return { kind: tool, grids: [...selected], line: path, snap_m: 0.5, version };
    case "merge":
      return { kind: tool, grids: [...selected], name: wish.name.trim() || null, code: wish.code.trim() || null, parent: wish.parent || null, version };
    case "rename":
      return { kind: tool, grid, name: wish.name.trim() || null, code: wish.code.trim() || null, version };
    case "change_parent":
      return { kind: tool, grid, parent: wish.parent, version };
    case "snap":
      return { kind: tool, tolerance_m: wish.tolerance_m, version };
  }
}

/** What was put right about a case, and what its ticket said in its own system. Pure. */
import { getDistance } from "ol/sphere";
import type { Case, CaseEvent, LonLat } from "@/api";

export type Restated = NonNullable<Case["restated"]>;

/** What an event says of a case: any of it may be missing. */
export interface Said {
  category: string | null;
  called: string | null;
  place: LonLat | null;
  description: string | null;
  /** milliseconds: when the ticket is due now */
  due: number | null;
}

export function placeOf({ lon, lat }: Pick<Restated, "lon" | "lat">): LonLat | null {
  return lon === null || lat === null ? null : [lon, lat];
}

/** How far, in metres, a ticket's place is from its case's. */
export function movedBy(one: Pick<Case, "lon" | "lat">, place: LonLat): number {
  return getDistance([one.lon, one.lat], [...place]);
}

/** What an event put right, or what the ticket said in it; null for every other event. */
export function toldBy(event: Pick<CaseEvent, "action" | "details">): Said | null {
  const { details } = event;
  const nothing: Said = { category: null, called: null, place: null, description: null, due: null };
  switch (event.action) {
    case "reschedule":
      return { ...nothing, due: Date.parse(textIn(details, "external_due_at") ?? "") };
    case "restate":
      return { ...nothing, category: textIn(details, "category"), called: textIn(details, "called"), place: placeIn(details["place"]), description: textIn(details, "description") };
    case "correct":
      return { ...nothing, category: textIn(details["classified"], "category"), place: placeIn(details["place"]), description: textIn(details, "description") };
    default:
      return null;
  }
}

/** How a case that was taken over stood in its own system, in the word of that. */
export function statusOf({ action, details }: Pick<CaseEvent, "action" | "details">): string | null {
  return action === "import" ? textIn(details, "status") : null;
}

function textIn(of: unknown, key: string): string | null {
  const value = isRecord(of) ? of[key] : null;
  return typeof value === "string" ? value : null;
}

function placeIn(said: unknown): LonLat | null {
  const [lon, lat] = Array.isArray(said) ? (said as unknown[]) : isRecord(said) ? [said["lon"], said["lat"]] : [];
  return typeof lon === "number" && typeof lat === "number" ? [lon, lat] : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Finding people, grids and cases by a few letters. Pure. */
import type { Case, GridProperties } from "@/api";
import type { Person } from "@/live/roster";
import type { Chosen } from "./link";

export interface Found extends Chosen {
  title: string;
  note: string;
}

/** Whether every word of `text` is in one of the fields, whatever its case. */
export function matches(text: string, fields: readonly (string | null | undefined)[]): boolean {
  const haystack = fields.filter(Boolean).join("\n").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => haystack.includes(word));
}

export interface NamedPlace {
  id: string;
  name: string;
}

export interface Searched {
  people: readonly Person[];
  grids: readonly GridProperties[];
  cases: readonly Case[];
  cameras: readonly NamedPlace[];
  facilities: readonly NamedPlace[];
}

function placesNamed(wanted: string, kind: "camera" | "facility", places: readonly NamedPlace[]): Found[] {
  return places
    .filter(({ id, name }) => matches(wanted, [name, id]))
    .map(({ id, name }) => ({ kind, id, title: name, note: id }));
}

/** By the number that it is known by here; a ticket's stands beside it. */
export function foundCase(one: Case): Found {
  const note = [one.external_number, one.description].filter(Boolean).join(" · ");
  return { kind: "case", id: String(one.id), title: one.number, note };
}

export function find(text: string, { people, grids, cases, cameras, facilities }: Searched, most = 8): Found[] {
  const wanted = text.trim();
  if (!wanted) return [];
  const found: Found[] = [
    ...people
      .filter((person) => matches(wanted, [person.name, person.unit]))
      .map((person) => ({ kind: "unit" as const, id: person.unit, title: person.name, note: person.grid?.name ?? person.unit })),
    ...grids
      .filter((grid) => matches(wanted, [grid.name, grid.code, grid.owner?.name]))
      .map((grid) => ({ kind: "grid" as const, id: grid.code, title: grid.name, note: grid.owner?.name ?? grid.code })),
    ...cases
      .filter((one) => matches(wanted, [one.number, one.external_number, one.description, one.owner?.name]))
      .map(foundCase),
    ...placesNamed(wanted, "camera", cameras),
    ...placesNamed(wanted, "facility", facilities),
  ];
  return found.slice(0, most);
}

/** The live list: people under the heading of their state. Pure. */
import type { UnitState } from "@/api";
import { matches } from "@/shell/search";
import { STATES } from "./presence";
import type { Person } from "./roster";

export type Row =
  | { kind: "heading"; state: UnitState; count: number; folded: boolean }
  | { kind: "person"; person: Person };

export function filterPeople(people: readonly Person[], text: string, words: (person: Person) => string[]): Person[] {
  const wanted = text.trim();
  if (!wanted) return [...people];
  return people.filter((person) => matches(wanted, [person.name, person.unit, person.grid?.name, ...words(person)]));
}

/** Within a state by name: an order by age would move under the reader's hand. */
export function rowsOf(people: readonly Person[], folded: ReadonlySet<UnitState>, locale: string): Row[] {
  const collator = new Intl.Collator(locale);
  return STATES.flatMap((state): Row[] => {
    const members = people.filter((person) => person.state === state);
    if (members.length === 0) return [];
    const heading: Row = { kind: "heading", state, count: members.length, folded: folded.has(state) };
    if (folded.has(state)) return [heading];
    members.sort((a, b) => collator.compare(a.name, b.name));
    return [heading, ...members.map((person): Row => ({ kind: "person", person }))];
  });
}

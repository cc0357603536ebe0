/** Everybody who reports positions, as they are now. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { type Alert, type AlertsEvent, asProblem, type Position, positions, type PositionsEvent, type Problem, type Thresholds, type UnitState } from "@/api";
import type { ServerClock } from "@/shell/clock";
import { context } from "@/shell/context";
import type { Feed } from "@/shell/feed";
import type { StreamState } from "@/shell/stream";
import { stateAt, STATES } from "./presence";

/** A position with the state that time has given it. */
export interface Person extends Position {
  at_ms: number;
}

export interface Roster {
  people: Readonly<Ref<readonly Person[]>>;
  byId: (id: string) => Person | undefined;
  counts: ComputedRef<Record<UnitState, number>>;
  seq: Readonly<Ref<number>>;
  feed: Readonly<Ref<StreamState>>;
  loaded: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  newest_ms: ComputedRef<number | null>;
  thresholds: Readonly<Ref<Thresholds>>;
  /** called with those who changed; `glide` when they moved by themselves */
  onChange: (listener: (changed: readonly Person[], glide: boolean) => void) => void;
  reload: () => Promise<unknown>;
}

const USUAL_THRESHOLDS: Thresholds = { moving_mps: 0.5, stale_s: 300, offline_s: 1800 };
/** Messages may come ten times a second; lists and the map follow at this pace. */
const PACE_MS = 400;

/** Alerts come on the same stream. They are read after the positions, whose number the stream goes on from. */
interface Alerts {
  reload: () => Promise<void>;
  take: (items: readonly Alert[]) => void;
}

/** Without `allowed` there is nobody, and nothing is asked for. */
export function createRoster(clock: ServerClock, feed: Feed, alerts: Alerts, allowed: boolean): Roster {
  /** as reported; `known` holds the same aged */
  const reported = new Map<string, Position>();
  const known = new Map<string, Person>();
  const people = shallowRef<readonly Person[]>([]);
  const seq = ref(0);
  const loaded = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const thresholds = shallowRef(USUAL_THRESHOLDS);
  const listeners: ((changed: readonly Person[], glide: boolean) => void)[] = [];
  const changed = new Map<string, Person>();
  let pace: ReturnType<typeof setTimeout> | undefined;

  const tell = (glide: boolean): void => {
    clearTimeout(pace);
    pace = undefined;
    people.value = [...known.values()];
    const told = [...changed.values()];
    changed.clear();
    for (const listener of listeners) listener(told, glide);
  };
  const tellSoon = (): void => {
    if (changed.size > 0) pace ??= setTimeout(() => tell(true), PACE_MS);
  };
  const aged = (position: Position): Person => {
    const at_ms = Date.parse(position.at);
    return { ...position, at_ms, state: stateAt({ ...position, at_ms }, clock.now.value, thresholds.value) };
  };
  const put = (person: Person): void => {
    known.set(person.unit, person);
    changed.set(person.unit, person);
  };
  const take = (arrived: readonly Position[]): void => {
    for (const position of arrived) {
      const before = reported.get(position.unit);
      if (before && Date.parse(position.at) < Date.parse(before.at)) continue;
      reported.set(position.unit, position);
      put(aged(position));
    }
  };
  const reload = async (): Promise<number | null> => {
    if (!allowed) return null;
    try {
      const answer = await positions();
      clock.setServerTime(answer.server_time);
      thresholds.value = answer.thresholds;
      const present = new Set(answer.features.map((feature) => feature.id));
      for (const id of [...known.keys()].filter((before) => !present.has(before))) {
        known.delete(id);
        reported.delete(id);
      }
      take(
        answer.features.map(({ properties, geometry: { coordinates } }) => ({
          ...properties,
          lon: coordinates[0],
          lat: coordinates[1],
        })),
      );
      tell(false);
      seq.value = Math.max(seq.value, answer.seq);
      loaded.value = true;
      problem.value = null;
      await alerts.reload();
      return answer.seq;
    } catch (failure) {
      problem.value = asProblem(failure);
      return null;
    }
  };

  // Silence changes states too: whoever crosses a threshold has changed.
  watch(clock.now, () => {
    for (const [id, position] of reported) {
      const now = aged(position);
      if (now.state !== known.get(id)?.state) put(now);
    }
    tellSoon();
  });
  if (allowed)
    feed.follow("positions", {
      refresh: reload,
      events: {
        alerts: (data) => {
          const { server_time, items } = data as AlertsEvent;
          clock.setServerTime(server_time);
          alerts.take(items);
        },
        positions: (data, number) => {
          const { server_time, items } = data as PositionsEvent;
          clock.setServerTime(server_time);
          if (Number.isFinite(number)) seq.value = Math.max(seq.value, number);
          take(items);
          tellSoon();
        },
      },
    });
  onScopeDispose(() => clearTimeout(pace));

  return {
    people,
    // Reading the list makes whoever asks follow its changes.
    byId: (id) => (people.value, known.get(id)),
    counts: computed(() => {
      const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<UnitState, number>;
      for (const person of people.value) counts[person.state] += 1;
      return counts;
    }),
    seq,
    feed: feed.state,
    loaded,
    problem,
    newest_ms: computed(() => {
      const times = people.value.map((person) => person.at_ms);
      return times.length === 0 ? null : Math.max(...times);
    }),
    thresholds,
    onChange: (listener) => {
      listeners.push(listener);
      if (known.size > 0) listener([...known.values()], false);
    },
    reload,
  };
}

export const [provideRoster, useRoster] = context<Roster>("roster");

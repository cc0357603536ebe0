/** A replay being looked at: what was read, the clock, and the signs on the map. */
import { computed, type ComputedRef, onScopeDispose, type Ref, shallowRef, watch } from "vue";
import type { TracksOf } from "@/api";
import { lineColour } from "@/map/palette";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import type { Stage } from "@/shell/stage";
import { advance, clamp, type Clock, faster, type Speed, toggle } from "./clock";
import { spanOf } from "./columns";
import { dayOf, instantOf, timeOf } from "./day";
import { momentAt, tailAt } from "./interpolate";
import { piecesOf } from "./pieces";
import { type Asked, createReading, type Reading } from "./reading";
import { stopFrom } from "./stops";

type Read = Pick<Reading, "recordings" | "loading" | "problem" | "empty" | "reason" | "needsReason" | "asked" | "expected">;

export interface Player extends Read {
  clock: Readonly<Ref<Clock | null>>;
  ready: ComputedRef<boolean>;
  open: (of: TracksOf, day: string, reason?: string | null) => Promise<void>;
  /** from elsewhere on the page: a reason given there counts here too */
  openDay: (of: TracksOf, day: string, reason: string | null) => Promise<void>;
  /** one unit at a moment of its day; a day that is open already is not asked for again */
  openAt: (unit: string, at_ms: number, reason: string | null) => Promise<void>;
  /** asks for the same again, with the reason that was wanted */
  give: (reason: string) => Promise<void>;
  close: () => void;
  toggle: () => void;
  seek: (at: number) => void;
  /** to the next (or previous) beginning of a stop of anybody */
  seekStop: (direction: 1 | -1) => void;
  setSpeed: (speed: Speed) => void;
  changeSpeed: (steps: 1 | -1) => void;
}

const FRAME_MS = 40;
const LONGEST_FRAME_MS = 1000;
const TAIL_MS = 10 * 60_000;

export function createPlayer(stage: Stage, desk: Desk): Player {
  const link = desk.link;
  const reading = createReading();
  const { recordings } = reading;
  const clock = shallowRef<Clock | null>(null);
  let frame = 0;
  let last_ms = 0;
  let begins = NaN;

  const draw = (): void => {
    const at = clock.value?.at;
    if (at === undefined) return;
    const moments = recordings.value.flatMap((recording) => {
      const moment = momentAt(recording, at);
      return moment ? [{ id: recording.unit, ...moment, tail: tailAt(recording, at, TAIL_MS) }] : [];
    });
    stage.scene.value?.replays.show(moments);
  };
  const set = (next: Clock): void => {
    clock.value = next;
    draw();
  };
  const run = (now_ms: number): void => {
    frame = 0;
    const running = clock.value;
    if (!running?.playing) return;
    if (now_ms - last_ms >= FRAME_MS) {
      // A page that nobody sees is not drawn: time stands still there, instead of leaping afterwards.
      set(advance(running, Math.min(now_ms - last_ms, LONGEST_FRAME_MS)));
      last_ms = now_ms;
    }
    frame = requestAnimationFrame(run);
  };
  watch(
    () => clock.value?.playing ?? false,
    (playing) => {
      cancelAnimationFrame(frame);
      last_ms = performance.now();
      if (playing) frame = requestAnimationFrame(run);
    },
  );
  // The address follows once a second: browsers refuse more, and a link needs no more.
  watch(
    () => (clock.value ? Math.floor(clock.value.at / 1000 / (clock.value.playing ? clock.value.speed : 1)) : null),
    () => clock.value && (link.replay.time = timeOf(clock.value.at)),
  );

  const close = (): void => {
    reading.forget();
    clock.value = null;
    stage.scene.value?.replays.close();
    Object.assign(link.replay, { units: [], grid: null, time: null });
  };
  /** The clock over what has arrived; until the viewer moves it, it stands where they asked to begin. */
  const extend = (asked: Asked): void => {
    const span = spanOf(recordings.value);
    if (!span) return;
    const begin = asked.time ? clamp(instantOf(asked.day, asked.time), span) : span.from;
    const running = clock.value;
    if (!running) set({ span, at: begin, speed: link.replay.speed, playing: false });
    else set({ ...running, span, at: running.at === begins ? begin : running.at });
    if (!running || running.at === begins) begins = begin;
  };
  const read = async (asked: Asked, reason: string | null): Promise<void> => {
    const replays = stage.scene.value?.replays;
    const view = JSON.stringify(link.view);
    let drawn = 0;
    clock.value = null;
    replays?.close();
    const whole = await reading.read(asked, reason, () => {
      const fresh = recordings.value.slice(drawn);
      replays?.add(
        fresh.map((recording, i) => ({
          id: recording.unit,
          name: recording.name,
          colour: lineColour(drawn + i),
          day: piecesOf(recording),
        })),
      );
      drawn += fresh.length;
      extend(asked);
    });
    if (!whole) return;
    reading.setEmpty(clock.value === null);
    const extent = replays?.extent();
    // Not from under the hands of somebody who has moved the map meanwhile.
    if (asked.fit && extent && JSON.stringify(link.view) === view) stage.scene.value?.fit(extent, 17);
  };
  const open = (of: TracksOf, day: string, reason: string | null = null, time: string | null = null): Promise<void> => {
    const whom = "units" in of ? { units: of.units, grid: null } : { units: [], grid: of.grid };
    Object.assign(link.replay, { ...whom, day, time });
    // Who asks for a moment looks at its place already.
    return read({ of, day, time, fit: time === null }, reason);
  };

  // A link that names a replay opens it; another section only hides it.
  watch(
    stage.scene,
    (scene) => {
      const { units, grid, day, time } = link.replay;
      if (!scene || link.section !== "replay" || !day) return;
      const of = units.length > 0 ? { units } : grid ? { grid } : null;
      if (of) void read({ of, day, time, fit: link.view === null }, null);
    },
    { once: true },
  );
  watch(
    [stage.scene, () => link.section],
    ([scene, section]) => {
      scene?.replays.setVisible(section === "replay");
      if (section !== "replay" && clock.value?.playing) set({ ...clock.value, playing: false });
    },
    { immediate: true },
  );
  onScopeDispose(() => cancelAnimationFrame(frame));

  const turnTo = (): void => {
    link.section = "replay";
    link.panel = true;
    desk.choose(null);
  };
  const isOpen = (unit: string, day: string): boolean => {
    const { of, day: read } = reading.asked.value ?? {};
    return clock.value !== null && of !== undefined && "units" in of && of.units.join() === unit && read === day;
  };

  const setSpeed = (speed: Speed): void => {
    link.replay.speed = speed;
    if (clock.value) clock.value = { ...clock.value, speed };
  };
  return {
    ...reading,
    clock,
    ready: computed(() => clock.value !== null),
    open,
    openDay: (of, day, reason) => {
      turnTo();
      return open(of, day, reason);
    },
    openAt: async (unit, at_ms, reason) => {
      turnTo();
      const day = dayOf(at_ms);
      if (!isOpen(unit, day)) return open({ units: [unit] }, day, reason, timeOf(at_ms));
      if (clock.value) set({ ...clock.value, at: clamp(at_ms, clock.value.span) });
    },
    give: async (reason) => {
      if (reading.asked.value) await read(reading.asked.value, reason);
    },
    close,
    toggle: () => clock.value && set(toggle(clock.value)),
    seek: (at) => clock.value && set({ ...clock.value, at: clamp(at, clock.value.span) }),
    seekStop: (direction) => {
      if (!clock.value) return;
      const next = stopFrom(recordings.value, clock.value.at, direction);
      if (next !== undefined) set({ ...clock.value, at: clamp(next, clock.value.span) });
    },
    setSpeed,
    changeSpeed: (steps) => setSpeed(faster(link.replay.speed, steps)),
  };
}

export const [providePlayer, usePlayer] = context<Player>("player");

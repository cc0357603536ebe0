/** A replay being looked at: what was read, the clock, and the signs on the map. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Problem, replay as readReplay, type ReplayOf } from "@/api";
import { lineColour } from "@/map/palette";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import type { Stage } from "@/shell/stage";
import { advance, clamp, type Clock, faster, type Speed, toggle } from "./clock";
import { decode, type Recording, spanOf } from "./columns";
import { dayOf, instantOf, spanOfDay, timeOf } from "./day";
import { momentAt, tailAt } from "./interpolate";
import { piecesOf } from "./pieces";

export interface Player {
  recordings: Readonly<Ref<readonly Recording[]>>;
  clock: Readonly<Ref<Clock | null>>;
  loading: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  /** read, and nothing was recorded */
  empty: Readonly<Ref<boolean>>;
  ready: ComputedRef<boolean>;
  open: (of: ReplayOf, day: string) => Promise<void>;
  openToday: (of: ReplayOf) => Promise<void>;
  close: () => void;
  toggle: () => void;
  seek: (at: number) => void;
  /** to the next (or previous) beginning of a stop of anybody */
  seekStop: (direction: 1 | -1) => void;
  setSpeed: (speed: Speed) => void;
  changeSpeed: (steps: 1 | -1) => void;
}

const FRAME_MS = 40;
const TAIL_MS = 10 * 60_000;

export function createPlayer(stage: Stage, desk: Desk): Player {
  const link = desk.link;
  const recordings = shallowRef<readonly Recording[]>([]);
  const clock = shallowRef<Clock | null>(null);
  const loading = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const empty = ref(false);
  let asked: AbortController | null = null;
  let frame = 0;
  let last_ms = 0;

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
      set(advance(running, now_ms - last_ms));
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
    asked?.abort();
    recordings.value = [];
    clock.value = null;
    empty.value = false;
    problem.value = null;
    stage.scene.value?.replays.close();
    Object.assign(link.replay, { units: [], grid: null, time: null });
  };
  const read = async (of: ReplayOf, day: string, time: string | null, fit: boolean): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    clock.value = null;
    [loading.value, problem.value, empty.value] = [true, null, false];
    try {
      const { from, to } = spanOfDay(day);
      const answer = await readReplay(of, new Date(from), new Date(to), signal);
      recordings.value = answer.units.map((columns) => decode(columns, answer.t0));
      const span = spanOf(recordings.value);
      const replays = stage.scene.value?.replays;
      replays?.open(
        recordings.value.map((recording, i) => ({
          id: recording.unit,
          name: recording.name,
          colour: lineColour(i),
          day: piecesOf(recording),
        })),
      );
      empty.value = span === null;
      if (!span) return;
      const at = time ? clamp(instantOf(day, time), span) : span.from;
      set({ span, at, speed: link.replay.speed, playing: false });
      const extent = replays?.extent();
      if (fit && extent) stage.scene.value?.fit(extent, 17);
    } catch (failure) {
      if (!signal.aborted) problem.value = asProblem(failure);
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  };
  const open = (of: ReplayOf, day: string): Promise<void> => {
    const whom = "units" in of ? { units: of.units, grid: null } : { units: [], grid: of.grid };
    Object.assign(link.replay, { ...whom, day, time: null });
    return read(of, day, null, true);
  };

  // A link that names a replay opens it; another section only hides it.
  watch(
    stage.scene,
    (scene) => {
      const { units, grid, day, time } = link.replay;
      if (!scene || link.section !== "replay" || !day) return;
      if (units.length > 0) void read({ units }, day, time, link.view === null);
      else if (grid) void read({ grid }, day, time, link.view === null);
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

  const setSpeed = (speed: Speed): void => {
    link.replay.speed = speed;
    if (clock.value) clock.value = { ...clock.value, speed };
  };
  return {
    recordings,
    clock,
    loading,
    problem,
    empty,
    ready: computed(() => clock.value !== null),
    open,
    openToday: (of) => {
      link.section = "replay";
      link.panel = true;
      desk.choose(null);
      return open(of, dayOf(Date.now()));
    },
    close,
    toggle: () => clock.value && set(toggle(clock.value)),
    seek: (at) => clock.value && set({ ...clock.value, at: clamp(at, clock.value.span) }),
    seekStop: (direction) => {
      if (!clock.value) return;
      const { at } = clock.value;
      const starts = recordings.value
        .flatMap((recording) => recording.stops.map((stop) => stop.from))
        .sort((a, b) => a - b);
      const ahead = starts.filter((start) => (start - at) * direction > 500);
      const next = direction === 1 ? ahead[0] : ahead.at(-1);
      if (next !== undefined) set({ ...clock.value, at: clamp(next, clock.value.span) });
    },
    setSpeed,
    changeSpeed: (steps) => setSpeed(faster(link.replay.speed, steps)),
  };
}

export const [providePlayer, usePlayer] = context<Player>("player");

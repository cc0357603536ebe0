/** Who passed a place: where and when the viewer asks about, why, and what came of it. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watchEffect } from "vue";
import { asProblem, type LonLat, type Nearby, nearby, type Problem } from "@/api";
import type { Suggestion } from "@/reason/reasons";
import { type ServerClock } from "@/shell/clock";
import { context } from "@/shell/context";
import type { Desk } from "@/shell/desk";
import { drawerIsThere } from "@/shell/goto";
import type { Stage } from "@/shell/stage";
import { type Criteria, isSame, isSamePlace, lately, periodOf, type Times, USUAL_RADIUS_M } from "./criteria";

const CLOSE_ZOOM = 16;

export interface Inquiry {
  open: ComputedRef<boolean>;
  /** the viewer is asked to point at a place */
  picking: ComputedRef<boolean>;
  /** as the address bar has them */
  criteria: ComputedRef<Criteria | null>;
  /** of these criteria; null also while other ones are being entered */
  answer: ComputedRef<Nearby | null>;
  problem: ComputedRef<Problem | null>;
  loading: Readonly<Ref<boolean>>;
  /** why the viewer looks at this place: asked once for each */
  reason: ComputedRef<string | null>;
  /** what the reason probably is, from where the viewer came */
  suggestion: Readonly<Ref<Suggestion | null>>;
  /** about the last hours, when nothing else is said */
  about: (place: LonLat, times?: Times, suggestion?: Suggestion) => void;
  pick: () => void;
  change: (criteria: Criteria) => void;
  ask: (reason: string) => Promise<void>;
  close: () => void;
}

/** Nothing is opened, drawn or asked for while the viewer may not. */
export function createInquiry(stage: Stage, { link }: Desk, clock: ServerClock, allowed: boolean): Inquiry {
  const criteria = computed(() => (allowed ? link.nearby : null));
  const asked = shallowRef<{ criteria: Criteria; reason: string } | null>(null);
  const answer = shallowRef<Nearby | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = ref(false);
  const suggestion = shallowRef<Suggestion | null>(null);
  let stop = new AbortController();

  const isAnswered = computed(() => isSame(asked.value?.criteria ?? null, criteria.value));
  const reason = computed(() =>
    isSamePlace(asked.value?.criteria ?? null, criteria.value) ? (asked.value?.reason ?? null) : null,
  );
  const pickPlace = (place: LonLat): void => about(place);
  const picking = computed(() => allowed && stage.picker.value === pickPlace);

  const forget = (): void => {
    stop.abort();
    if (picking.value) stage.picker.value = null;
    [asked.value, answer.value, problem.value, suggestion.value] = [null, null, null, null];
  };
  const about = (place: LonLat, times: Times = lately(clock.now.value), suggested: Suggestion | null = null): void => {
    forget();
    suggestion.value = suggested;
    // As the address bar will have it.
    const [lon = 0, lat = 0] = place.map((degrees) => Number(degrees.toFixed(5)));
    link.nearby = { lon, lat, radius_m: USUAL_RADIUS_M, ...times };
    void drawerIsThere().then(() => stage.scene.value?.show(place, CLOSE_ZOOM));
  };
  const ask = async (why: string): Promise<void> => {
    const wanted = criteria.value;
    if (!wanted) return;
    stop.abort();
    const { signal } = (stop = new AbortController());
    [asked.value, answer.value, problem.value] = [{ criteria: wanted, reason: why }, null, null];
    loading.value = true;
    try {
      answer.value = await nearby([wanted.lon, wanted.lat], wanted.radius_m, periodOf(wanted), why, signal);
    } catch (failure) {
      if (!signal.aborted) problem.value = asProblem(failure);
    } finally {
      if (stop.signal === signal) loading.value = false;
    }
  };

  watchEffect(() => {
    const shown = criteria.value;
    stage.scene.value?.surround.show(shown && [shown.lon, shown.lat], shown?.radius_m ?? 0);
  });
  onScopeDispose(() => stop.abort());
  return {
    open: computed(() => picking.value || criteria.value !== null),
    picking,
    criteria,
    answer: computed(() => (isAnswered.value ? answer.value : null)),
    problem: computed(() => (isAnswered.value ? problem.value : null)),
    loading,
    reason,
    suggestion,
    about: (place, times, suggested) => {
      if (allowed) about(place, times, suggested);
    },
    pick: () => {
      forget();
      link.nearby = null;
      stage.picker.value = pickPlace;
    },
    change: (changed) => (link.nearby = changed),
    ask,
    close: () => {
      forget();
      link.nearby = null;
    },
  };
}

export const [provideInquiry, useInquiry] = context<Inquiry>("inquiry");

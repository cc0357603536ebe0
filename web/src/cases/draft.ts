/** A report being made: where the viewer has pointed, what the server says of that place. */
import { type Ref, ref, shallowRef, watch, watchEffect } from "vue";
import { asProblem, type Case, type Located, locate, type LonLat, type NewCase, newKey, type Problem, reportCase } from "@/api";
import { context } from "@/shell/context";
import type { Stage } from "@/shell/stage";

export interface Draft {
  open: Readonly<Ref<boolean>>;
  place: Readonly<Ref<LonLat | null>>;
  located: Readonly<Ref<Located | null>>;
  problem: Readonly<Ref<Problem | null>>;
  sending: Readonly<Ref<boolean>>;
  /** the case this screen has just reported, or the one that took the report in: to be said so there */
  sent: Readonly<Ref<{ id: number; joined: boolean } | null>>;
  /** a case that is looked at meanwhile */
  lookingAt: Ref<number | null>;
  /** at a place, or at one that is picked next */
  start: (at?: LonLat) => void;
  cancel: () => void;
  send: (report: Omit<NewCase, "lon" | "lat">) => Promise<Case | null>;
}

export function createDraft(stage: Stage): Draft {
  const open = ref(false);
  const place = shallowRef<LonLat | null>(null);
  const located = shallowRef<Located | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const sending = ref(false);
  const sent = shallowRef<{ id: number; joined: boolean } | null>(null);
  const lookingAt = ref<number | null>(null);
  let key = newKey();

  const close = (): void => {
    open.value = false;
    place.value = null;
    lookingAt.value = null;
    stage.picker.value = null;
  };
  watchEffect(() => stage.scene.value?.cases.setDraft(open.value ? place.value : null));
  watch(place, async (now, _before, onCleanup) => {
    located.value = null;
    problem.value = null;
    if (!now) return;
    const stop = new AbortController();
    onCleanup(() => stop.abort());
    try {
      located.value = await locate(now, stop.signal);
    } catch (failure) {
      if (!stop.signal.aborted) problem.value = asProblem(failure);
    }
  });

  return {
    open,
    place,
    located,
    problem,
    sending,
    sent,
    lookingAt,
    start: (at) => {
      key = newKey();
      sent.value = null;
      problem.value = null;
      lookingAt.value = null;
      open.value = true;
      place.value = at ?? null;
      stage.picker.value = (picked) => (place.value = picked);
    },
    cancel: close,
    send: async (report) => {
      if (!place.value) return null;
      const [lon, lat] = place.value;
      sending.value = true;
      problem.value = null;
      try {
        const made = await reportCase({ ...report, lon, lat }, key);
        sent.value = { id: made.merged_into ?? made.id, joined: made.merged_into !== null };
        close();
        return made;
      } catch (failure) {
        problem.value = asProblem(failure);
        return null;
      } finally {
        sending.value = false;
      }
    },
  };
}

export const [provideDraft, useDraft] = context<Draft>("draft");

/** The alerts that want somebody's attention, as the server tells of them. */
import { computed, type ComputedRef, onScopeDispose, type Ref, shallowRef, watch } from "vue";
import { acknowledgeAlert, type Alert, asProblem, makeCaseOfAlert, openAlerts, type Problem } from "@/api";
import type { ServerClock } from "@/shell/clock";
import { context } from "@/shell/context";
import { isCall, isUnheard, loudestFirst } from "./order";
import { createSiren } from "./siren";

export interface AlertBook {
  /** open ones, the loudest first */
  alerts: Readonly<Ref<readonly Alert[]>>;
  /** calls for help that nobody has acknowledged */
  calls: ComputedRef<readonly Alert[]>;
  /** how many nobody has acknowledged */
  unheard: ComputedRef<number>;
  muted: Ref<boolean>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
  /** what the stream brings: also alerts that are over */
  take: (items: readonly Alert[]) => void;
  acknowledge: (id: number, note: string) => Promise<void>;
  /** the number of the case */
  makeCase: (id: number) => Promise<number | null>;
}

export function createAlertBook(clock: ServerClock): AlertBook {
  const open = new Map<number, Alert>();
  const alerts = shallowRef<readonly Alert[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const siren = createSiren();
  const calls = computed(() => alerts.value.filter((alert) => isCall(alert) && isUnheard(alert)));

  const tell = (): void => {
    alerts.value = [...open.values()].sort(loudestFirst);
  };
  const take = (items: readonly Alert[]): void => {
    for (const alert of items) {
      if (alert.open) open.set(alert.id, alert);
      else open.delete(alert.id);
    }
    tell();
  };
  const reload = async (): Promise<void> => {
    try {
      const found = await openAlerts();
      open.clear();
      for (const alert of found) open.set(alert.id, alert);
      problem.value = null;
      tell();
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  // It sounds until somebody has heard it. What was over long ago rouses nobody.
  const sounding = computed(() => calls.value.some((call) => !call.late));
  watch([sounding, siren.muted, clock.now], () => {
    if (sounding.value) siren.sound();
  });
  onScopeDispose(siren.close);

  return {
    alerts,
    calls,
    unheard: computed(() => alerts.value.filter((alert) => isUnheard(alert) && !alert.late).length),
    muted: siren.muted,
    problem,
    reload,
    take,
    acknowledge: async (id, note) => take([await acknowledgeAlert(id, note)]),
    makeCase: async (id) => {
      const alert = await makeCaseOfAlert(id);
      take([alert]);
      return alert.case;
    },
  };
}

export const [provideAlertBook, useAlertBook] = context<AlertBook>("alert book");

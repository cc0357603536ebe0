/** The checkpoints of a plan on the map, as they stand in one of its rounds. */
import { onScopeDispose, watchEffect } from "vue";
import type { Plan, Round } from "@/api";
import { useClock } from "@/shell/clock";
import type { Stage } from "@/shell/stage";
import { usePlanBook } from "./planBook";
import { stateAt } from "./rounds";

export function useMarks({ scene }: Stage, plan: () => Plan | null, round: () => Round | null): void {
  const book = usePlanBook();
  const { now } = useClock();
  watchEffect(() => {
    const shown = round();
    const results = new Map(shown?.checkpoints.map((one) => [one.id, one]));
    const places = (plan()?.checkpoints ?? []).flatMap((id) => book.checkpoints.value.get(id) ?? []);
    scene.value?.checkpoints.show(
      places.map(({ id, geometry, properties: { name, radius_m } }) => {
        const result = results.get(id);
        return { id, name, radius_m, place: geometry.coordinates, state: shown && result ? stateAt(result, shown, now.value) : "waiting" };
      }),
    );
  });
  onScopeDispose(() => scene.value?.checkpoints.show([]));
}

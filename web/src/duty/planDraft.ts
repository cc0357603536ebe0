/** A plan being made: the checkpoints that the viewer points at, and what becomes of it. */
import { computed, type ComputedRef, type Ref, ref, shallowRef, watchEffect, watchPostEffect } from "vue";
import { createCheckpoint, createPlan, type LonLat, type Plan } from "@/api";
import type { GridBook } from "@/grids/book";
import { type Action, useAction } from "@/shell/action";
import { context } from "@/shell/context";
import type { Stage } from "@/shell/stage";
import type { PlanBook } from "./planBook";
import { commonGrid, MOST_POINTS, type PlanWish, rhythmOf } from "./wish";

export interface DraftPoint {
  key: number;
  /** of a checkpoint that is there already */
  id: number | null;
  name: string;
  place: LonLat;
  radius_m: number;
  grid: string;
}

export interface PlanDraft extends Action {
  open: Readonly<Ref<boolean>>;
  points: Readonly<Ref<readonly DraftPoint[]>>;
  /** whose plan it will be: the deepest grid that has all the points */
  grid: ComputedRef<string | null>;
  /** the last click was where the viewer may not plan */
  isOutside: Readonly<Ref<boolean>>;
  start: () => void;
  rename: (key: number, name: string) => void;
  remove: (key: number) => void;
  cancel: () => void;
  /** null when it was not made */
  make: (wish: PlanWish) => Promise<Plan | null>;
}

/** Of the server, for a checkpoint that says nothing else. */
const USUAL_RADIUS_M = 30;
const M_PER_DEG = 111_195;

function distance_m([lon, lat]: LonLat, [otherLon, otherLat]: LonLat): number {
  const eastwards = (lon - otherLon) * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(eastwards, lat - otherLat) * M_PER_DEG;
}

export function createPlanDraft(stage: Stage, book: PlanBook, grids: GridBook, nameOf: (number: number) => string): PlanDraft {
  const open = ref(false);
  const points = shallowRef<readonly DraftPoint[]>([]);
  const isOutside = ref(false);
  const action = useAction();
  let key = 0;

  const grid = computed(() =>
    commonGrid(
      points.value.map((point) => point.grid),
      (code) => grids.byCode.value.get(code)?.parent ?? null,
    ),
  );
  const existingAt = (place: LonLat) =>
    [...book.checkpoints.value.values()].find(({ geometry, properties }) => distance_m(place, geometry.coordinates) <= properties.radius_m);

  const pick = (place: LonLat): void => {
    const found = scopeAt(place);
    isOutside.value = found === null;
    if (found === null || points.value.length >= MOST_POINTS) return;
    const existing = existingAt(place);
    if (existing && points.value.some((point) => point.id === existing.id)) return;
    const point: DraftPoint = existing
      ? { key: ++key, id: existing.id, place: existing.geometry.coordinates, ...existing.properties }
      : { key: ++key, id: null, name: nameOf(points.value.length + 1), place, radius_m: USUAL_RADIUS_M, grid: found };
    points.value = [...points.value, point];
  };
  const scopeAt = (place: LonLat): string | null => {
    const at = stage.scene.value?.grids.at(place);
    return at?.properties.in_scope ? at.id : null;
  };
  const change = (changed: number, to: (point: DraftPoint) => DraftPoint[]): void => {
    points.value = points.value.flatMap((point) => (point.key === changed ? to(point) : [point]));
  };
  const close = (): void => {
    open.value = false;
    points.value = [];
    if (stage.picker.value === pick) stage.picker.value = null;
  };

  watchEffect(() => {
    if (open.value && !stage.picker.value) stage.picker.value = pick;
  });
  // Those that are there already can be picked again. After the drawer of a plan has taken its own away.
  watchPostEffect(() => {
    if (!open.value) return;
    const taken = new Set(points.value.map((point) => point.id));
    const others = [...book.checkpoints.value.values()].filter((one) => !taken.has(one.id));
    stage.scene.value?.checkpoints.show([
      ...others.map(({ id, geometry, properties }) => ({ ...properties, id, place: geometry.coordinates, state: "waiting" as const })),
      ...points.value.map((point) => ({ ...point, id: point.key, state: "picked" as const })),
    ]);
  });

  return {
    ...action,
    open,
    points,
    grid,
    isOutside,
    start: () => {
      [points.value, isOutside.value, action.problem.value, open.value] = [[], false, null, true];
    },
    rename: (changed, name) => change(changed, (point) => [{ ...point, name }]),
    remove: (removed) => change(removed, () => []),
    cancel: () => {
      close();
      stage.scene.value?.checkpoints.show([]);
    },
    make: async (wish) => {
      let made: Plan | null = null;
      await action.run(async () => {
        for (const { key: one, id, name, place, radius_m } of points.value) {
          if (id !== null) continue;
          const checkpoint = await createCheckpoint({ name, lon: place[0], lat: place[1], radius_m });
          // Should the plan fail, the next attempt does not make it again.
          change(one, (point) => [{ ...point, id: checkpoint.id }]);
        }
        made = await createPlan({
          name: wish.name.trim(),
          grid: grid.value ?? "",
          kind: "points",
          checkpoints: points.value.flatMap((point) => point.id ?? []),
          rhythm: rhythmOf(wish.rhythm),
          at_least: wish.at_least,
          in_order: wish.in_order && wish.at_least === 1,
          role: wish.role ?? null,
        });
      });
      await book.reload();
      if (made) close();
      return made;
    },
  };
}

export const [providePlanDraft, usePlanDraft] = context<PlanDraft>("plan draft");

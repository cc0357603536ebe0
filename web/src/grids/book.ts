/** The grids of the edition in force. They change rarely: read once, and again when asked. */
import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import { allGrids, asProblem, type GridFeature, gridOwners, type GridOwners, type GridOwnership, type GridProperties, type Problem } from "@/api";
import { context } from "@/shell/context";
import { type Children, childrenIn } from "./tree";

export interface GridBook {
  features: Readonly<Ref<readonly GridFeature[]>>;
  byCode: ComputedRef<ReadonlyMap<string, GridProperties>>;
  childrenOf: ComputedRef<Children>;
  /** how the posts of the viewer's grids without grids below are held */
  owners: Readonly<Ref<GridOwners | null>>;
  ownership: ComputedRef<ReadonlyMap<string, GridOwnership>>;
  loaded: Readonly<Ref<boolean>>;
  /** read, or not to be had */
  settled: ComputedRef<boolean>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
}

/** Nothing is asked for when the viewer may not read grids. */
export function createGridBook(allowed: boolean): GridBook {
  const features = shallowRef<readonly GridFeature[]>([]);
  const owners = shallowRef<GridOwners | null>(null);
  const loaded = ref(false);
  const problem = shallowRef<Problem | null>(null);
  const reload = async (): Promise<void> => {
    if (!allowed) return;
    try {
      const [grids, held] = await Promise.all([allGrids(), gridOwners()]);
      features.value = grids.features;
      owners.value = held;
      loaded.value = true;
      problem.value = null;
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  void reload();
  const byCode = computed(() => new Map(features.value.map((grid) => [grid.id, grid.properties])));
  return {
    features,
    byCode,
    childrenOf: computed(() => childrenIn(features.value)),
    owners,
    ownership: computed(() => new Map(owners.value?.items.map((one) => [one.grid.code, one]))),
    loaded,
    settled: computed(() => !allowed || loaded.value || problem.value !== null),
    problem,
    reload,
  };
}

export const [provideGridBook, useGridBook] = context<GridBook>("grid book");

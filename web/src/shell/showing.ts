/** What the stores know, brought to the map. Each function keeps one part of it true. */
import { computed, type Ref, watch, watchEffect } from "vue";
import type { Case } from "@/api";
import type { CaseBook } from "@/cases/book";
import { type CaseFilter, isOverdue, stageOf, statesOf } from "@/cases/stages";
import { sinceClassOf } from "@/duty/coverage";
import type { CoverageBook } from "@/duty/coverageBook";
import type { GridBook } from "@/grids/book";
import { useWords } from "@/i18n";
import type { Roster } from "@/live/roster";
import type { Scene } from "@/map/scene";
import type { ServerClock } from "./clock";
import type { Desk } from "./desk";
import { type LayerName, pageOf } from "./link";

type SceneRef = Readonly<Ref<Scene | null>>;

/** `allowed` are the layers that the viewer may ask for. While an edition is open, its grids stand for those in force. */
export function showLayers(scene: SceneRef, { link }: Desk, allowed: (layers: readonly LayerName[]) => LayerName[], replaying: () => boolean, editing: () => boolean): void {
  watchEffect(() => {
    const made = scene.value;
    if (!made) return;
    const on = new Set(allowed(link.layers));
    // A replay shows the past: those of now would stand in between.
    made.people.setVisible(on.has("people") && !replaying());
    made.cases.layer.setVisible(on.has("cases"));
    made.cameras.layer.setVisible(on.has("cameras"));
    made.facilities.layer.setVisible(on.has("facilities"));
    made.pictures.setVisible(on.has("basemap"));
    made.grids.setVisible(on.has("grids") && !editing());
  });
}

/** The first time, a link without a view looks at the viewer's own grids, or at all without any. */
export function showGrids(scene: SceneRef, grids: GridBook, hasView: boolean): void {
  let placed = hasView;
  watchEffect(() => {
    if (!scene.value || grids.features.value.length === 0) return;
    scene.value.grids.set(grids.features.value);
    const whole = scene.value.grids.ownExtent() ?? scene.value.grids.wholeExtent();
    if (!placed && whole) scene.value.fit(whole, 16, false);
    placed = true;
  });
}

/** Not while a page stands over it, nor before it is known where to look. */
export function drawMap(scene: SceneRef, { link }: Desk, placed: () => boolean): void {
  watchEffect(() => scene.value?.setDrawn(placed() && pageOf(link) === null));
}

export function showPeople(scene: SceneRef, roster: Roster): void {
  watch(
    scene,
    (made) => {
      if (!made) return;
      roster.onChange((changed, glide) =>
        made.people.update(changed.map((person) => ({ ...person, id: person.unit })), glide),
      );
    },
    { once: true },
  );
  watch(roster.people, (people) =>
    scene.value?.people.keepOnly(new Set(people.map((person) => person.unit))),
  );
}

/** The grids that have an answer, coloured while that is what one looks at. */
export function showCoverage(scene: SceneRef, coverage: CoverageBook, grids: GridBook): void {
  const covered = computed(() => {
    const items = coverage.isShown() ? (coverage.answer.value?.items ?? []) : [];
    const since = new Map(items.map((one) => [one.grid.code, sinceClassOf(one.since_last_s)]));
    return grids.features.value.flatMap((grid) => {
      const found = since.get(grid.id);
      return found ? [{ grid, since: found }] : [];
    });
  });
  watchEffect(() => scene.value?.coverage.show(covered.value));
}

/** After a break everything that is not on the stream is as old as the positions were. */
export function catchUp(scene: SceneRef, roster: Roster, reload: () => void): void {
  let wasBroken = false;
  watch(roster.feed, (feed) => {
    if (feed === "live" && wasBroken) {
      scene.value?.refresh();
      reload();
    }
    wasBroken = feed === "broken" || (wasBroken && feed === "connecting");
  });
}

export function showCases(scene: SceneRef, cases: CaseBook, { link }: Desk, clock: ServerClock): void {
  const { language } = useWords();
  // A deadline passes by the minute; the pins need not be looked through every second.
  const minute_ms = computed(() => Math.floor(clock.now.value / 60_000) * 60_000);
  const wanted = computed(() => new Set(statesOf(link.caseFilter as CaseFilter)));
  const isShown = (one: Case): boolean =>
    wanted.value.has(one.state) || (link.chosen?.kind === "case" && link.chosen.id === String(one.id));
  watchEffect(() =>
    scene.value?.cases.set(
      cases.cases.value.filter(isShown).map((one) => ({
        id: String(one.id),
        title: cases.titleOf(one.category, language.value) ?? one.number,
        lon: one.lon,
        lat: one.lat,
        stage: stageOf(one.state),
        overdue: isOverdue(one, minute_ms.value),
        urgent: one.urgent,
      })),
    ),
  );
}

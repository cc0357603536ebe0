import BaseLayer from "ol/layer/Base";
import type ImageTile from "ol/ImageTile";
import TileState from "ol/TileState";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Basemap } from "@/api";
import { Pictures } from "@/map/pictures";

const AERIAL: Basemap = {
  id: "aerial",
  title: { zh: "影像", en: "Aerial" },
  attribution: "",
  crs: "3857",
  minzoom: 10,
  maxzoom: 18,
  tile_size: 256,
  tiles: "/tiles/{z}/{x}/{y}",
  labels: null,
};

let status = 200;
let zoom = 14;
let told: boolean[] = [];
const local = new BaseLayer({});
let pictures: Pictures;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async () => new Response(status === 200 ? "picture" : null, { status }));
  [status, zoom, told] = [200, 14, []];
  pictures = new Pictures(local, () => zoom);
  pictures.onFailing = (failing) => told.push(failing);
  pictures.show(AERIAL);
});

afterEach(() => {
  pictures.dispose();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Loads one tile as the source would, and gives the state that it was left in. */
async function load(): Promise<number | undefined> {
  let state: number | undefined;
  const image = new EventTarget();
  const tile = { getImage: () => image, setState: (now: number) => (state = now) } as unknown as ImageTile;
  pictures.ground.getSource()?.getTileLoadFunction()(tile, "/tiles/14/1/1");
  await vi.advanceTimersByTimeAsync(0);
  return state;
}

async function loadThree(): Promise<void> {
  for (let i = 0; i < 3; i++) await load();
}

test("somebody else's map takes the place of the local one", async () => {
  expect(await load()).toBeUndefined();
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([true, false]);
  pictures.show(null);
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([false, true]);
});

test("above its zooms the local one is drawn", () => {
  zoom = 8;
  pictures.arrange();
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([false, true]);
});

test("without a ground neither is drawn", () => {
  pictures.setVisible(false);
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([false, false]);
});

test("when its server is away the local one stands in until it is back", async () => {
  status = 504;
  expect(await load()).toBe(TileState.ERROR);
  expect(told).toEqual([]);
  await loadThree();
  expect(told).toEqual([true]);
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([false, true]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([true]);
  status = 200;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual([true, false]);
  expect([pictures.ground.getVisible(), local.getVisible()]).toEqual([true, false]);
});

test("a tile that it has not does not mean that it is away", async () => {
  status = 404;
  await loadThree();
  await loadThree();
  expect(told).toEqual([]);
});

test("another choice forgets what failed", async () => {
  status = 502;
  await loadThree();
  pictures.show({ ...AERIAL, id: "other" });
  expect(told).toEqual([true, false]);
  pictures.show(null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([true, false]);
});

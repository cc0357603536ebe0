import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { effectScope } from "vue";
import { createFeed, type Feed } from "@/shell/feed";

/** A stream whose fate the test decides. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  constructor(readonly url: string) {
    super();
    FakeSource.opened.push(this);
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  tell(name: string, data: unknown, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }));
  }
  fail(forGood: boolean): void {
    this.readyState = forGood ? FakeSource.CLOSED : 0;
    this.dispatchEvent(new Event("error"));
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const last = (): FakeSource => FakeSource.opened.at(-1) as FakeSource;
const refresh = vi.fn<() => Promise<number | null>>();
const told = vi.fn<(data: unknown, number: number) => void>();
const reload = vi.fn<() => void>();
let scope = effectScope();
let feed: Feed;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.opened = [];
  told.mockReset();
  reload.mockReset();
  refresh.mockReset().mockResolvedValue(7);
  scope = effectScope();
  feed = scope.run(createFeed) as Feed;
  feed.follow("notices", { refresh: () => Promise.resolve(3), events: { notices: told } });
  feed.follow("cases", { opened: reload, events: { cases: told } });
  feed.follow("positions", { refresh, events: { positions: told } });
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("one stream goes on from what was read, about all that is followed", () => {
  expect(FakeSource.opened.map(({ url }) => url)).toEqual([
    "/api/v1/stream?after=7.3&topic=positions&topic=cases&topic=notices",
  ]);
  last().open();
  expect(feed.state.value).toBe("live");
});

test("everybody hears of their own, and up to which number", () => {
  last().open();
  last().tell("positions", "a", "8.3");
  last().tell("notices", "b", "8.4");
  last().tell("cases", "c", "8.4");
  expect(told.mock.calls.slice(0, 2)).toEqual([["a", 8], ["b", 4]]);
  expect(told.mock.calls[2]?.[0]).toBe("c");
});

test("what has no numbers is read each time the stream has been opened", async () => {
  expect(reload).not.toHaveBeenCalled();
  last().open();
  last().fail(false);
  await vi.advanceTimersByTimeAsync(1000);
  last().open();
  expect(reload).toHaveBeenCalledTimes(2);
});

test("a short break is not a failure: the server ends streams now and then", async () => {
  last().open();
  last().fail(false);
  await vi.advanceTimersByTimeAsync(3000);
  last().open();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(feed.state.value).toBe("live");
});

test("a break that lasts is one, however often the browser tries", async () => {
  last().open();
  for (let tries = 0; tries < 4; tries++) {
    last().fail(false);
    await vi.advanceTimersByTimeAsync(2000);
  }
  expect(feed.state.value).toBe("broken");
});

test("after an answer that is an error everything is read again", async () => {
  last().fail(true);
  expect(feed.state.value).toBe("broken");
  refresh.mockResolvedValue(12);
  await vi.advanceTimersByTimeAsync(2000);
  expect(last().url).toContain("after=12.3");
});

test("silence is taken for a dead connection, and a heartbeat is none", async () => {
  last().open();
  const before = last();
  for (let beats = 0; beats < 10; beats++) {
    await vi.advanceTimersByTimeAsync(15_000);
    last().tell("heartbeat", {});
  }
  expect(last()).toBe(before);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(last()).not.toBe(before);
  expect(before.readyState).toBe(FakeSource.CLOSED);
});

test("while the server is away it is asked ever more rarely", async () => {
  refresh.mockResolvedValue(null);
  last().fail(true);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(refresh.mock.calls.length).toBeLessThan(10);
  expect(refresh.mock.calls.length).toBeGreaterThan(4);
});

test("closed with the page, it asks no more", async () => {
  last().open();
  scope.stop();
  refresh.mockClear();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(refresh).not.toHaveBeenCalled();
  expect(last().readyState).toBe(FakeSource.CLOSED);
});

test("where nothing is followed nothing is asked for", async () => {
  const opened = FakeSource.opened.length;
  scope.run(createFeed);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSource.opened.length).toBe(opened);
});

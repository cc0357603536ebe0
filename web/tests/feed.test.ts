import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FeedState, openFeed } from "@/live/feed";

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
  fail(forGood: boolean): void {
    this.readyState = forGood ? FakeSource.CLOSED : 0;
    this.dispatchEvent(new Event("error"));
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const last = (): FakeSource => FakeSource.opened.at(-1) as FakeSource;
const states: FeedState[] = [];
const refresh = vi.fn<() => Promise<number | null>>();
let close: () => void = () => undefined;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.opened = [];
  states.length = 0;
  refresh.mockReset().mockResolvedValue(7);
  close = openFeed({ items: () => undefined, alerts: () => undefined, state: (state) => states.push(state), refresh });
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the stream goes on from what was read", () => {
  last().open();
  expect(last().url).toBe("/api/v1/positions/stream?after=7");
  expect(states).toEqual(["connecting", "live"]);
});

test("a short break is not a failure: the server ends streams now and then", async () => {
  last().open();
  last().fail(false);
  await vi.advanceTimersByTimeAsync(3000);
  last().open();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states).not.toContain("broken");
});

test("a break that lasts is one, however often the browser tries", async () => {
  last().open();
  for (let tries = 0; tries < 4; tries++) {
    last().fail(false);
    await vi.advanceTimersByTimeAsync(2000);
  }
  expect(states.at(-1)).toBe("broken");
});

test("after an answer that is an error everything is read again", async () => {
  last().fail(true);
  expect(states.at(-1)).toBe("broken");
  refresh.mockResolvedValue(12);
  await vi.advanceTimersByTimeAsync(2000);
  expect(last().url).toContain("after=12");
});

test("silence is taken for a dead connection", async () => {
  last().open();
  const before = last();
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

test("closed, it asks no more", async () => {
  last().open();
  close();
  refresh.mockClear();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(refresh).not.toHaveBeenCalled();
});

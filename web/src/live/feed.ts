/** The live stream of positions and alerts, and whether it lives. */
import { type AlertsEvent, type PositionsEvent, positionsStream } from "@/api";

export type FeedState = "connecting" | "live" | "broken";

export interface FeedListeners {
  /** `seq` is the id of the event, as the server counts */
  items: (event: PositionsEvent, seq: number) => void;
  alerts: (event: AlertsEvent) => void;
  state: (state: FeedState) => void;
  /** Reads everything afresh; the number from which the stream is to go on, null when it failed. */
  refresh: () => Promise<number | null>;
}

/** Heartbeats do not reach a page, so a connection that died silently shows only by its silence. */
const SILENCE_MS = 60_000;
const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;
/** The server ends a stream now and then to check access anew; that short gap is not a failure. */
const GRACE_MS = 5000;

/** Opens the stream and keeps it open. Returns what closes it. */
export function openFeed(listeners: FeedListeners): () => void {
  let source: EventSource | null = null;
  let retry_ms = FIRST_RETRY_MS;
  let closed = false;
  const timers = { retry: 0, silence: 0, grace: 0 };

  const after = (name: keyof typeof timers, delay_ms: number, act: () => void): void => {
    window.clearTimeout(timers[name]);
    timers[name] = window.setTimeout(act, delay_ms);
  };
  const broken = (): void => listeners.state("broken");
  const alive = (): void => {
    retry_ms = FIRST_RETRY_MS;
    window.clearTimeout(timers.grace);
    timers.grace = 0;
    listeners.state("live");
    after("silence", SILENCE_MS, () => void open());
  };
  const again = (): void => {
    broken();
    after("retry", retry_ms, () => void open());
    retry_ms = Math.min(LAST_RETRY_MS, retry_ms * 2);
  };
  const open = async (): Promise<void> => {
    source?.close();
    const seq = await listeners.refresh();
    if (closed) return;
    if (seq === null) return again();
    const opened = new EventSource(positionsStream(seq));
    source = opened;
    opened.addEventListener("open", alive);
    opened.addEventListener("positions", (message) => {
      alive();
      listeners.items(JSON.parse(message.data) as PositionsEvent, Number(message.lastEventId));
    });
    opened.addEventListener("alerts", (message) => {
      alive();
      listeners.alerts(JSON.parse(message.data) as AlertsEvent);
    });
    opened.addEventListener("error", () => {
      // The browser tries again by itself, resuming by Last-Event-ID, unless the answer was an error.
      if (opened.readyState === EventSource.CLOSED) again();
      else if (timers.grace === 0) after("grace", GRACE_MS, broken);
    });
  };

  listeners.state("connecting");
  void open();
  return () => {
    closed = true;
    for (const timer of Object.values(timers)) window.clearTimeout(timer);
    source?.close();
  };
}

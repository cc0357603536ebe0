/** A stream of the server that is kept open, and whether it lives. */

export type StreamState = "connecting" | "live" | "broken";

export interface Stream {
  /** where to listen for what comes after an id */
  address: (id: string) => string;
  /** by the name of the event: its data, and the last id that the server has given */
  events: Record<string, (data: unknown, id: string) => void>;
  state: (state: StreamState) => void;
  /** Reads everything afresh; the id from which the stream is to go on, null when it failed. */
  refresh: () => Promise<string | null>;
  /** What changes from now on comes. */
  opened: () => void;
}

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;
/** The server ends a stream now and then to check access anew; that short gap is not a failure. */
const GRACE_MS = 5000;
/** The server's heart beats every 15 s: a connection that died silently shows by its silence. */
const SILENCE_MS = 45_000;
const HEARTBEAT = "heartbeat";

/** Opens the stream and keeps it open. Returns what closes it. */
export function openStream({ address, events, state, refresh, opened }: Stream): () => void {
  let source: EventSource | null = null;
  let retry_ms = FIRST_RETRY_MS;
  let closed = false;
  const timers = { retry: 0, silence: 0, grace: 0 };

  const after = (name: keyof typeof timers, delay_ms: number, act: () => void): void => {
    window.clearTimeout(timers[name]);
    timers[name] = window.setTimeout(act, delay_ms);
  };
  const broken = (): void => state("broken");
  const alive = (): void => {
    retry_ms = FIRST_RETRY_MS;
    window.clearTimeout(timers.grace);
    timers.grace = 0;
    state("live");
    after("silence", SILENCE_MS, () => void open());
  };
  const again = (): void => {
    broken();
    after("retry", retry_ms, () => void open());
    retry_ms = Math.min(LAST_RETRY_MS, retry_ms * 2);
  };
  const open = async (): Promise<void> => {
    source?.close();
    const id = await refresh();
    if (closed) return;
    if (id === null) return again();
    const made = new EventSource(address(id));
    source = made;
    made.addEventListener("open", () => {
      alive();
      opened();
    });
    made.addEventListener(HEARTBEAT, alive);
    for (const [name, told] of Object.entries(events))
      made.addEventListener(name, (message: MessageEvent<string>) => {
        alive();
        told(JSON.parse(message.data), message.lastEventId);
      });
    made.addEventListener("error", () => {
      // The browser tries again by itself, resuming by Last-Event-ID, unless the answer was an error.
      if (made.readyState === EventSource.CLOSED) again();
      else if (timers.grace === 0) after("grace", GRACE_MS, broken);
    });
  };

  state("connecting");
  void open();
  return () => {
    closed = true;
    for (const timer of Object.values(timers)) window.clearTimeout(timer);
    source?.close();
  };
}

/** Waiting for as long as the server has asked. */
import { onScopeDispose, type Ref, ref } from "vue";

const TICK_MS = 250;

/** Whole seconds until `until_ms`, rounded up, so that zero means now. */
export function secondsUntil(until_ms: number, now_ms: number): number {
  return Math.max(0, Math.ceil((until_ms - now_ms) / 1000));
}

export interface Countdown {
  left_s: Readonly<Ref<number>>;
  start: (wait_s: number) => void;
}

export function useCountdown(): Countdown {
  const left_s = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => clearInterval(timer);
  onScopeDispose(stop);
  return {
    left_s,
    start: (wait_s) => {
      stop();
      const until_ms = Date.now() + wait_s * 1000;
      const tick = (): void => {
        left_s.value = secondsUntil(until_ms, Date.now());
        if (left_s.value === 0) stop();
      };
      timer = setInterval(tick, TICK_MS);
      tick();
    },
  };
}

/** The time as the server has it, so that a wrong clock on the viewer's desk ages nobody. */
import { onScopeDispose, readonly, type Ref, ref } from "vue";
import { context } from "./context";

export interface ServerClock {
  /** epoch, ms, by the server's clock; steps once a second */
  now: Readonly<Ref<number>>;
  setServerTime: (server_time: string) => void;
}

const TICK_MS = 1000;
/** Less than this is the way of the message, not a difference between clocks. */
const TOLERANCE_MS = 1500;

export function createClock(): ServerClock {
  let ahead_ms = 0;
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now() + ahead_ms), TICK_MS);
  onScopeDispose(() => clearInterval(timer));
  return {
    now: readonly(now),
    setServerTime: (server_time) => {
      const difference = Date.parse(server_time) - Date.now();
      if (Number.isFinite(difference) && Math.abs(difference - ahead_ms) > TOLERANCE_MS)
        ahead_ms = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
    },
  };
}

export const [provideClock, useClock] = context<ServerClock>("clock");

/** Two tones that say that somebody calls for help, unless they are turned off. */
import { type Ref, ref, watch } from "vue";

const KEPT_AS = "wangge.muted";
const PAUSE_MS = 3000;
const TONES_HZ = [880, 660, 880, 660];
const TONE_S = 0.18;
const LOUDNESS = 0.25;

export interface Siren {
  muted: Ref<boolean>;
  /** sounds once, or not so soon after the last time */
  sound: () => void;
  close: () => void;
}

/** Browsers let a page sound only after its viewer has touched it: until then it stays silent, without an error. */
export function createSiren(): Siren {
  const muted = ref(localStorage.getItem(KEPT_AS) === "yes");
  watch(muted, (now) => localStorage.setItem(KEPT_AS, now ? "yes" : "no"));
  let audio: AudioContext | null = null;
  let sounded_ms = -PAUSE_MS;

  const touched = (): void => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") void audio.resume().catch(() => undefined);
  };
  const stop = new AbortController();
  for (const touch of ["pointerdown", "keydown"])
    window.addEventListener(touch, touched, { capture: true, signal: stop.signal });
  if (navigator.userActivation?.hasBeenActive) touched();

  const play = (context: AudioContext): void => {
    TONES_HZ.forEach((pitch_hz, index) => {
      const begin_s = context.currentTime + index * TONE_S;
      const [tone, loudness] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = pitch_hz;
      loudness.gain.setValueAtTime(LOUDNESS, begin_s);
      loudness.gain.linearRampToValueAtTime(0, begin_s + TONE_S);
      tone.connect(loudness).connect(context.destination);
      tone.start(begin_s);
      tone.stop(begin_s + TONE_S);
    });
  };
  return {
    muted,
    sound: () => {
      const now_ms = performance.now();
      if (muted.value || audio?.state !== "running" || now_ms - sounded_ms < PAUSE_MS) return;
      sounded_ms = now_ms;
      play(audio);
    },
    close: () => {
      stop.abort();
      void audio?.close();
    },
  };
}

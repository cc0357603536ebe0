/** The stops of everybody in a replay. Pure. */
import type { Recording } from "./columns";

/** Closer than this is the stop one is at. */
const HERE_MS = 500;

/** When the next stop of anybody begins, or the one before. */
export function stopFrom(recordings: readonly Recording[], at: number, direction: 1 | -1): number | undefined {
  const starts = recordings
    .flatMap((recording) => recording.stops.map((stop) => stop.from))
    .sort((a, b) => a - b)
    .filter((start) => (start - at) * direction > HERE_MS);
  return direction === 1 ? starts[0] : starts.at(-1);
}

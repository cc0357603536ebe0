/** How a position ages between two messages: the rule of the server, applied to the viewer's clock. */
import type { Thresholds, UnitState } from "@/api";

/** The order of lists: what needs a person first. */
export const STATES: readonly UnitState[] = [
  "sos",
  "moving",
  "still",
  "stale",
  "offline",
  "off_duty",
];

export interface Reported {
  state: UnitState;
  speed_mps: number | null;
  /** epoch, ms */
  at_ms: number;
  /** how long its device may be silent: it depends on how often it reports */
  stale_after_s: number;
  offline_after_s: number;
}

/** As long as the server lets a call for help stand after its last fix. */
const SOS_S = 900;

/**
 * The state that `reported` has come to at `now_ms` (server clock).
 *
 * Being off duty is not a matter of age; an SOS stands for a while after its last fix; everything
 * else grows stale and then offline with silence.
 */
export function stateAt(reported: Reported, now_ms: number, thresholds: Thresholds): UnitState {
  if (reported.state === "off_duty") return "off_duty";
  const age_s = (now_ms - reported.at_ms) / 1000;
  if (reported.state === "sos" && age_s < SOS_S) return "sos";
  if (age_s >= reported.offline_after_s) return "offline";
  if (age_s >= reported.stale_after_s) return "stale";
  if (reported.state === "moving" || reported.state === "still") return reported.state;
  return (reported.speed_mps ?? 0) >= thresholds.moving_mps ? "moving" : "still";
}

/** Whether the newest of all positions is so old that the whole page must not be trusted. */
export function isFeedOld(newest_ms: number, now_ms: number, thresholds: Thresholds): boolean {
  return (now_ms - newest_ms) / 1000 >= thresholds.stale_s;
}

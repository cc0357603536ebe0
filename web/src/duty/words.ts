/** Rounds in words. */
import type { Round } from "@/api";
import { useWords } from "@/i18n";

/** "done", "under way 3 of 5", "missed 3 of 5", "at 22:00". */
export function useRoundWords(): (round: Round, now_ms: number) => string {
  const { t, count, moment } = useWords();
  return ({ state, covered, from }, now_ms) =>
    t(`duty.round.${state}`, {
      reached: count(covered.reached),
      required: count(covered.required),
      time: moment(Date.parse(from), now_ms),
    });
}

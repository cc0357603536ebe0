/** A replay as it travels: one JSON document in which the head, each unit and the end have a line. */
import { Problem } from "./http";
import type { Replay, ReplayColumns } from "./types";

export type ReplayHead = Omit<Replay, "units">;

const END = "]}";

/** Throws when the lines end before the document does: then it was cut short. */
export async function readReplay(
  lines: AsyncIterable<string>,
  told: (unit: ReplayColumns, replay: ReplayHead) => void,
): Promise<void> {
  let head: ReplayHead | null = null;
  for await (const line of lines) {
    if (line === END) return;
    if (head === null) head = JSON.parse(line + END) as ReplayHead;
    else told(JSON.parse(line.replace(/,$/, "")) as ReplayColumns, head);
  }
  throw new Problem(0, "no_answer", "The answer was cut short.");
}

/** The list of notices as pages and the stream bring them. Pure. */
import type { Notice } from "@/api";

/** Each once, the newest first; what has arrived last is what is known. */
export function merged(known: readonly Notice[], arrived: readonly Notice[]): Notice[] {
  const byId = new Map([...known, ...arrived].map((notice) => [notice.id, notice]));
  return [...byId.values()].sort((a, b) => b.id - a.id);
}

/** As if the server had said that everything up to `id` is read. */
export function readUpTo(known: readonly Notice[], id: number, at: string): Notice[] {
  return known.map((notice) => (notice.id <= id && notice.read_at === null ? { ...notice, read_at: at } : notice));
}

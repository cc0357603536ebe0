/** What changes, as the server tells of it: one connection for all that the page follows, for a browser has six. */
import { onScopeDispose, type Ref, ref } from "vue";
import { streamOf, type Topic } from "@/api";
import { openStream, type StreamState } from "./stream";

export interface Follower {
  /** by the name of the event; `number` is up to where the topic has been told */
  events: Record<string, (data: unknown, number: number) => void>;
  /** Reads everything afresh, before the stream is opened; up to which number that is, null when it failed. */
  refresh?: () => Promise<number | null>;
  /** What changes from now on comes: for what has no numbers, the moment to read it. */
  opened?: () => void;
}

export interface Feed {
  state: Readonly<Ref<StreamState>>;
  /** To be said before the page is there. */
  follow: (topic: Topic, follower: Follower) => void;
}

/** as the server counts: ids are the numbers of those that are read afresh, in this order */
const TOPICS: readonly Topic[] = ["positions", "cases", "notices"];

/** Opens once everybody on the page has said what they follow, and is closed with the page. */
export function createFeed(): Feed {
  const state = ref<StreamState>("connecting");
  const followers = new Map<Topic, Follower>();
  let close: (() => void) | null = null;
  let isGone = false;

  const listen = (): (() => void) => {
    const topics = TOPICS.filter((topic) => followers.has(topic));
    const following = topics.map((topic) => followers.get(topic) as Follower);
    const numbered = following.filter(({ refresh }) => refresh);
    const events = following.flatMap((follower) =>
      Object.entries(follower.events).map(([name, told]) => {
        const place = numbered.indexOf(follower);
        return [name, (data: unknown, id: string) => told(data, Number(id.split(".")[place]))] as const;
      }),
    );
    return openStream({
      address: (id) => streamOf(topics, id),
      events: Object.fromEntries(events),
      state: (now) => (state.value = now),
      refresh: async () => {
        const numbers = await Promise.all(numbered.map(({ refresh }) => refresh?.()));
        return numbers.includes(null) ? null : numbers.join(".");
      },
      opened: () => following.forEach(({ opened }) => opened?.()),
    });
  };

  queueMicrotask(() => {
    if (!isGone && followers.size > 0) close = listen();
  });
  onScopeDispose(() => {
    isGone = true;
    close?.();
  });
  return { state, follow: (topic, follower) => followers.set(topic, follower) };
}

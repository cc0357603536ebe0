/** What the viewer is told, the newest first, as it comes. */
import { computed, type Ref, ref, shallowRef } from "vue";
import { asProblem, type Notice, noticePage, type NoticesEvent, type Problem, readNotice, readNoticesUpTo } from "@/api";
import { context } from "@/shell/context";
import type { Feed } from "@/shell/feed";
import { merged, readUpTo } from "./merge";

export interface NoticeBook {
  notices: Readonly<Ref<readonly Notice[]>>;
  /** also of those that are not in the list yet */
  unread: Readonly<Ref<number>>;
  /** the last that came while the viewer was here */
  latest: Readonly<Ref<Notice | null>>;
  loaded: Readonly<Ref<boolean>>;
  hasMore: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<unknown>;
  /** older ones */
  more: () => Promise<void>;
  read: (notice: Notice) => Promise<void>;
  readAll: () => Promise<void>;
}

const PAGE = 30;

export function createNoticeBook(feed: Feed): NoticeBook {
  const notices = shallowRef<readonly Notice[]>([]);
  const unread = ref(0);
  const latest = shallowRef<Notice | null>(null);
  const loaded = ref(false);
  const next = ref<string | null>(null);
  const problem = shallowRef<Problem | null>(null);

  const attempt = async <T>(act: () => Promise<T>): Promise<T | null> => {
    try {
      const done = await act();
      problem.value = null;
      return done;
    } catch (failure) {
      problem.value = asProblem(failure);
      return null;
    }
  };
  const reload = (): Promise<number | null> =>
    attempt(async () => {
      const page = await noticePage(false, null, PAGE);
      notices.value = page.items;
      [next.value, unread.value, loaded.value] = [page.next, page.unread, true];
      return page.seq;
    });
  const take = (event: NoticesEvent): void => {
    const known = new Set(notices.value.map(({ id }) => id));
    latest.value = event.items.filter(({ id, read_at }) => !known.has(id) && read_at === null).at(-1) ?? latest.value;
    notices.value = merged(notices.value, event.items);
    unread.value = event.unread;
  };
  feed.follow("notices", { refresh: reload, events: { notices: (event) => take(event as NoticesEvent) } });

  return {
    notices,
    unread,
    latest,
    loaded,
    hasMore: computed(() => next.value !== null),
    problem,
    reload,
    more: async () => {
      await attempt(async () => {
        const page = await noticePage(false, next.value, PAGE);
        notices.value = merged(notices.value, page.items);
        next.value = page.next;
      });
    },
    read: async (notice) => {
      if (notice.read_at !== null) return;
      const said = await attempt(() => readNotice(notice.id));
      if (!said) return;
      notices.value = merged(notices.value, [said]);
      unread.value = Math.max(0, unread.value - 1);
    },
    readAll: async () => {
      const newest = notices.value[0];
      if (!newest) return;
      const left = await attempt(() => readNoticesUpTo(newest.id));
      if (left === null) return;
      notices.value = readUpTo(notices.value, newest.id, new Date().toISOString());
      unread.value = left;
    },
  };
}

export const [provideNoticeBook, useNoticeBook] = context<NoticeBook>("notice book");

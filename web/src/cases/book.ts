/** The cases the viewer may see, newest first, kept fresh. Closed ones are read when asked for. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Case, caseCategories, type CasePage, casePage, type CasesEvent, type Category, type Problem } from "@/api";
import { context } from "@/shell/context";
import type { Feed } from "@/shell/feed";

export interface CaseBook {
  cases: Readonly<Ref<readonly Case[]>>;
  byId: ComputedRef<ReadonlyMap<number, Case>>;
  categories: Readonly<Ref<readonly Category[]>>;
  loaded: Readonly<Ref<boolean>>;
  /** closed cases have been read too */
  hasClosed: Readonly<Ref<boolean>>;
  /** more cases exist than are shown */
  truncated: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  reload: () => Promise<void>;
  /** a case that was found beyond those that are read; the last one stays when they are read again */
  keep: (one: Case) => void;
  /** a case that was just reported or acted upon */
  put: (one: Case) => void;
  titleOf: (code: string | null, language: "zh" | "en") => string | null;
  /** what a case is about: of what is none of our categories, with its name in the system it came from */
  nameOf: (one: Pick<Case, "category" | "external_category" | "number">, language: "zh" | "en") => string;
}

/** Closed cases grow without end: the newest are what a command centre looks back at. */
const MOST_OPEN = 2000;
const MOST_CLOSED = 500;
const PAGE = 500;
/** What is none of the other categories. */
const OTHER = "other";
/** Changes come by themselves; this finds what went out of the viewer's sight, and whatever else was lost. */
const REFRESH_MS = 20_000;

async function read(open: boolean, most: number): Promise<{ cases: Case[]; complete: boolean }> {
  const cases: Case[] = [];
  let cursor: string | null = null;
  do {
    const page: CasePage = await casePage(open, cursor, PAGE);
    cases.push(...page.items);
    cursor = page.next;
  } while (cursor && cases.length < most);
  return { cases, complete: cursor === null };
}

function newestFirst(a: Case, b: Case): number {
  return b.reported_at.localeCompare(a.reported_at) || b.id - a.id;
}

/** The cases with others beside or in place of them; of two of the same the later version. */
export function merged(cases: readonly Case[], others: readonly Case[]): Case[] {
  const byId = new Map(cases.map((one) => [one.id, one]));
  for (const other of others) {
    if ((byId.get(other.id)?.version ?? 0) <= other.version) byId.set(other.id, other);
  }
  return [...byId.values()].sort(newestFirst);
}

export function createCaseBook(feed: Feed, allowed: boolean, wantsClosed: () => boolean): CaseBook {
  const cases = shallowRef<readonly Case[]>([]);
  const categories = shallowRef<readonly Category[]>([]);
  const loaded = ref(false);
  const hasClosed = ref(false);
  const truncated = ref(false);
  const problem = shallowRef<Problem | null>(null);
  /** what came while the list was being read, which may know less */
  const arrived = new Map<number, Case>();
  let kept: readonly Case[] = [];
  let reading: Promise<void> | null = null;
  let wanted = false;
  let knowsCategories = false;

  const take = (items: readonly Case[]): void => {
    for (const one of items) arrived.set(one.id, one);
    kept = kept.map((one) => arrived.get(one.id) ?? one);
    cases.value = merged(cases.value, items);
  };
  const readAll = async (): Promise<void> => {
    arrived.clear();
    try {
      if (!knowsCategories) categories.value = await caseCategories();
      knowsCategories = true;
      const open = await read(true, MOST_OPEN);
      const closed = wantsClosed() ? await read(false, MOST_CLOSED) : null;
      cases.value = merged([...open.cases, ...(closed?.cases ?? [])], [...kept, ...arrived.values()]);
      truncated.value = !open.complete || closed?.complete === false;
      hasClosed.value = closed !== null;
      loaded.value = true;
      problem.value = null;
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  /** One at a time; whoever asks meanwhile waits for one that begins after that. */
  const reload = async (): Promise<void> => {
    if (!allowed) return;
    wanted = true;
    reading ??= (async () => {
      while (wanted) {
        wanted = false;
        await readAll();
      }
      reading = null;
    })();
    await reading;
  };
  watch(wantsClosed, (asked) => {
    if (asked && !hasClosed.value) void reload();
  });
  const timer = setInterval(() => {
    if (!document.hidden) void reload();
  }, REFRESH_MS);
  onScopeDispose(() => clearInterval(timer));
  if (allowed)
    feed.follow("cases", {
      opened: () => {
        // The administrator may have changed them since the stream was opened last, a quarter of an hour ago.
        knowsCategories = false;
        void reload();
      },
      events: { cases: (event) => take((event as CasesEvent).items), reload: () => void reload() },
    });
  void reload();

  const titleOf: CaseBook["titleOf"] = (code, language) =>
    categories.value.find((category) => category.code === code)?.title[language] ?? null;

  return {
    cases,
    byId: computed(() => new Map(cases.value.map((one) => [one.id, one]))),
    categories,
    loaded,
    hasClosed,
    truncated,
    problem,
    reload,
    put: (one) => take([one]),
    keep: (one) => {
      kept = [one];
      cases.value = merged(cases.value, kept);
    },
    titleOf,
    nameOf: ({ category, external_category, number }, language) => {
      const title = titleOf(category, language) ?? number;
      return category === OTHER && external_category ? `${title} · ${external_category}` : title;
    },
  };
}

export const [provideCaseBook, useCaseBook] = context<CaseBook>("case book");

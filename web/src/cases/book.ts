/** The cases the viewer may see, newest first, kept fresh. Closed ones are read when asked for. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { asProblem, type Case, caseCategories, type CasePage, casePage, type Category, type Problem } from "@/api";
import { context } from "@/shell/context";

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
  /** a case that was just reported or acted upon */
  put: (one: Case) => void;
  titleOf: (code: string | null, language: "zh" | "en") => string | null;
}

/** Closed cases grow without end: the newest are what a command centre looks back at. */
const MOST_OPEN = 2000;
const MOST_CLOSED = 500;
const PAGE = 500;
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

export function createCaseBook(allowed: boolean, wantsClosed: () => boolean): CaseBook {
  const cases = shallowRef<readonly Case[]>([]);
  const categories = shallowRef<readonly Category[]>([]);
  const loaded = ref(false);
  const hasClosed = ref(false);
  const truncated = ref(false);
  const problem = shallowRef<Problem | null>(null);

  const reload = async (): Promise<void> => {
    if (!allowed) return;
    try {
      if (categories.value.length === 0) categories.value = await caseCategories();
      const open = await read(true, MOST_OPEN);
      const closed = wantsClosed() ? await read(false, MOST_CLOSED) : null;
      cases.value = [...open.cases, ...(closed?.cases ?? [])].sort(newestFirst);
      truncated.value = !open.complete || closed?.complete === false;
      hasClosed.value = closed !== null;
      loaded.value = true;
      problem.value = null;
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  watch(wantsClosed, (wanted) => {
    if (wanted && !hasClosed.value) void reload();
  });
  const timer = setInterval(() => {
    if (!document.hidden) void reload();
  }, REFRESH_MS);
  onScopeDispose(() => clearInterval(timer));
  void reload();

  return {
    cases,
    byId: computed(() => new Map(cases.value.map((one) => [one.id, one]))),
    categories,
    loaded,
    hasClosed,
    truncated,
    problem,
    reload,
    put: (one) => {
      const others = cases.value.filter((other) => other.id !== one.id);
      cases.value = [one, ...others].sort(newestFirst);
    },
    titleOf: (code, language) =>
      categories.value.find((category) => category.code === code)?.title[language] ?? null,
  };
}

export const [provideCaseBook, useCaseBook] = context<CaseBook>("case book");

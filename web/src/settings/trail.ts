/** The audit as an endless list: the newest first, more when the reader comes to the end. */
import { type Ref, ref, shallowRef } from "vue";
import { asProblem, type AuditFilter, auditPage, type AuditRecord, type Problem } from "@/api";

export interface Trail {
  records: Readonly<Ref<readonly AuditRecord[] | null>>;
  /** there are older ones */
  more: Readonly<Ref<boolean>>;
  loading: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  /** from the newest on */
  restart: (filter: AuditFilter) => Promise<void>;
  readMore: () => Promise<void>;
}

export function createTrail(): Trail {
  const records = shallowRef<readonly AuditRecord[] | null>(null);
  const more = ref(false);
  const loading = ref(false);
  const problem = shallowRef<Problem | null>(null);
  let filter: AuditFilter = {};
  let next: string | null = null;
  let turn = 0;

  const read = async (): Promise<void> => {
    const mine = ++turn;
    loading.value = true;
    try {
      const page = await auditPage(filter, next);
      // Another filter has been set in between: this answer is no longer wanted.
      if (mine !== turn) return;
      records.value = [...(next === null ? [] : (records.value ?? [])), ...page.items];
      next = page.next;
      more.value = page.next !== null;
      problem.value = null;
    } catch (failure) {
      if (mine === turn) problem.value = asProblem(failure);
    } finally {
      if (mine === turn) loading.value = false;
    }
  };
  return {
    records,
    more,
    loading,
    problem,
    restart: (wanted) => {
      filter = wanted;
      next = null;
      return read();
    },
    readMore: async () => {
      if (more.value && !loading.value) await read();
    },
  };
}

/** Photos on their way to a report or an action. Each is sent as soon as it is added. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, triggerRef } from "vue";
import { asProblem, newKey, type Problem, sendPhoto } from "@/api";
import { accept, type Fault } from "./accept";

export interface Pending {
  key: string;
  name: string;
  /** of the file on this machine */
  preview: string;
  /** how much of it has been sent, 0 to 1 */
  share: number;
  /** once the server has it */
  id: string | null;
  problem: Problem | null;
}

export interface Pile {
  photos: Readonly<Ref<readonly Pending[]>>;
  /** what was wrong with the files that were not taken */
  fault: Readonly<Ref<Fault | null>>;
  sending: ComputedRef<boolean>;
  /** some have not arrived and are not on their way */
  failed: ComputedRef<boolean>;
  /** of those that have arrived, in their order */
  ids: ComputedRef<string[]>;
  add: (files: readonly File[]) => void;
  again: (key: string) => void;
  remove: (key: string) => void;
  clear: () => void;
}

interface Entry extends Pending {
  file: File;
  stop: AbortController;
}

/** More at once only wait in the server. */
const AT_ONCE = 2;

export function createPile(): Pile {
  const entries = shallowRef<Entry[]>([]);
  const fault = ref<Fault | null>(null);
  const waiting: Entry[] = [];
  let running = 0;
  const tell = (): void => triggerRef(entries);

  const next = (): void => {
    const entry = running < AT_ONCE ? waiting.shift() : undefined;
    if (!entry) return;
    running++;
    void deliver(entry).finally(() => {
      running--;
      tell();
      next();
    });
    next();
  };
  const deliver = async (entry: Entry): Promise<void> => {
    const { signal } = entry.stop;
    if (signal.aborted) return;
    const told = (share: number): void => {
      entry.share = share;
      tell();
    };
    try {
      entry.id = (await sendPhoto(entry.file, entry.key, told, signal)).id;
    } catch (failure) {
      entry.problem = asProblem(failure);
    }
  };
  const begin = (entry: Entry): void => {
    waiting.push(entry);
    next();
  };
  const drop = (entry: Entry): void => {
    entry.stop.abort();
    URL.revokeObjectURL(entry.preview);
  };
  const clear = (): void => {
    entries.value.forEach(drop);
    entries.value = [];
    fault.value = null;
  };
  onScopeDispose(clear);

  return {
    photos: entries,
    fault,
    sending: computed(() => entries.value.some(({ id, problem }) => id === null && problem === null)),
    failed: computed(() => entries.value.some(({ problem }) => problem !== null)),
    ids: computed(() => entries.value.flatMap(({ id }) => (id === null ? [] : [id]))),
    add: (files) => {
      const accepted = accept(files, entries.value.length);
      fault.value = accepted.fault;
      const added = accepted.taken.map(
        (file): Entry => ({ file, key: newKey(), name: file.name, preview: URL.createObjectURL(file), share: 0, id: null, problem: null, stop: new AbortController() }),
      );
      entries.value = [...entries.value, ...added];
      added.forEach(begin);
    },
    again: (key) => {
      const entry = entries.value.find((one) => one.key === key);
      if (!entry?.problem) return;
      Object.assign(entry, { problem: null, share: 0 });
      tell();
      begin(entry);
    },
    remove: (key) => {
      entries.value.filter((one) => one.key === key).forEach(drop);
      entries.value = entries.value.filter((one) => one.key !== key);
      fault.value = null;
    },
    clear,
  };
}

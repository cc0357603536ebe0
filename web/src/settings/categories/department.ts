/** A department while somebody renames it, and what others made of it meanwhile. Pure. */
import type { Department } from "@/api";

export interface DepartmentDraft {
  zh: string;
  /** empty is the Chinese name */
  en: string;
}

export function namesOf(department: Department | null): DepartmentDraft {
  return { zh: department?.name.zh ?? "", en: department?.name.en ?? "" };
}

export function isRenamed(before: Department, { zh, en }: DepartmentDraft): boolean {
  return zh.trim() !== before.name.zh || (en.trim() || zh.trim()) !== before.name.en;
}

/** What is another in `now` than in `before`, as `categories.about` names it. */
export function changedIn(before: Department, now: Department): ("title_zh" | "title_en" | "active")[] {
  return [
    ...(now.name.zh === before.name.zh ? [] : (["title_zh"] as const)),
    ...(now.name.en === before.name.en ? [] : (["title_en"] as const)),
    ...(now.active === before.active ? [] : (["active"] as const)),
  ];
}

/** The names that the viewer has changed since `before`, upon those that it has `now`. */
export function renamed(before: Department, now: Department, draft: DepartmentDraft): DepartmentDraft {
  const [old, theirs] = [namesOf(before), namesOf(now)];
  return { zh: draft.zh === old.zh ? theirs.zh : draft.zh, en: draft.en === old.en ? theirs.en : draft.en };
}

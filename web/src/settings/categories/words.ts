/** What is said of a category, and what is wrong with one or a department, in the viewer's words. */
import type { Category, CategoryChange, Problem } from "@/api";
import { useWords } from "@/i18n";
import { useProblemWords } from "@/shell/problems";
import { PHOTO_NEEDS } from "./draft";

interface Wrong {
  status: number;
  code: string;
  field: string | null;
}

export interface CategoryWords {
  wordsOf: (problem: Problem) => string;
  /** of a row of a table */
  reasonOf: (wrong: Omit<Wrong, "status">) => string;
  /** null when the problem is about another field */
  wrongAt: (problem: Problem | null, field: string) => string | null;
}

export function useCategoryWords(): CategoryWords {
  const { wordOf } = useWords();
  const general = useProblemWords();
  const own = ({ code, field, status }: Wrong): string | null => {
    const byField = status === 422 ? wordOf("categories.wrong", field, "") : "";
    return wordOf("categories.problem", code, byField) || null;
  };
  return {
    wordsOf: (problem) => own(problem) ?? general(problem),
    reasonOf: ({ code, field }) => own({ code, field, status: 422 }) ?? wordOf("problem", "invalid_input"),
    wrongAt: (problem, field) => (problem && problem.field === field ? (own(problem) ?? general(problem)) : null),
  };
}

/** What a category has under a name of the interface; `nameOf` are the departments' names. */
export function useValueWords(nameOf: () => ReadonlyMap<string, string>): (one: Category, name: keyof CategoryChange) => string {
  const { t, language } = useWords();
  const joined = (words: readonly string[]): string => words.join(t("categories.between")) || t("settings.none");
  return (one, name) => {
    switch (name) {
      case "title_zh":
        return one.title.zh;
      case "title_en":
        return one.title.en;
      case "term":
        return one.term[language.value];
      case "kind":
        return t(`categories.kinds.${one.kind}`);
      case "dispatch":
        return t(`categories.dispatchTo.${one.dispatch}`);
      case "department":
        return one.department ? (nameOf().get(one.department) ?? one.department) : t("categories.noDepartment");
      case "photos":
        return joined(PHOTO_NEEDS.filter((need) => one.photos.includes(need)).map((need) => t(`categories.photo.${need}`)));
      case "fields":
        return joined(one.fields.map(({ title, required }) => title[language.value] + (required ? " *" : "")));
      case "aliases":
        return joined(one.aliases);
      case "urgent":
      case "active":
        return t(one[name] ? "categories.yes" : "categories.no");
      case "parent":
        return one.parent ?? t("categories.noParent");
      default:
        return one.number;
    }
  };
}

/** A failure in the viewer's words. Codes and the server's own sentences stay out of sight. */
import type { Problem } from "@/api";
import { useWords } from "@/i18n";

const BY_STATUS: Record<number, string> = {
  0: "no_answer",
  400: "invalid_input",
  401: "not_signed_in",
  403: "not_permitted",
  404: "not_found",
  409: "conflict",
  422: "invalid_input",
  429: "overloaded",
  502: "no_answer",
  503: "overloaded",
  504: "no_answer",
};

export function useProblemWords(): (problem: Problem) => string {
  const { wordOf } = useWords();
  return (problem) => {
    const byStatus = wordOf("problem", BY_STATUS[problem.status] ?? "other");
    // The general code says less than the field does.
    const general = problem.code === "invalid_input";
    const byField = problem.status === 422 ? wordOf("problemField", problem.field, byStatus) : byStatus;
    return general ? byField : wordOf("problem", problem.code, byField);
  };
}

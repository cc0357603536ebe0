/** What part of the installation is the viewer's, in words: "安和镇 · 12 个网格". */
import { computed, type ComputedRef } from "vue";
import { useWords } from "@/i18n";
import { useSession } from "@/shell/session";

export function useScopeWords(): ComputedRef<string> {
  const { t } = useWords();
  const session = useSession();
  return computed(() => {
    const held = session.account.value?.scope;
    if (!held) return "";
    const name = held.roots.map((grid) => grid.name).join("、");
    return name ? t("shell.scopeAll", { name, count: held.grids }) : t(held.everything ? "shell.scopeWhole" : "shell.scopeNone", { count: held.grids });
  });
}

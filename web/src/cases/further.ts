/** What else is to be known of a case: the ticket it came as, its department, who pressed for it, what it went into. */
import { computed, type ComputedRef, ref, shallowRef, watch } from "vue";
import { allDepartments, type Case, caseDetail, type Department } from "@/api";
import { useWords } from "@/i18n";
import { useClock } from "@/shell/clock";
import type { Fact } from "@/shell/FactList.vue";
import { useCaseBook } from "./book";

let departments: Promise<readonly Department[]> | null = null;

/** Read once; what cannot be read is asked again, and shown by its code until then. */
function knownDepartments(): Promise<readonly Department[]> {
  departments ??= allDepartments().catch(() => {
    departments = null;
    return [];
  });
  return departments;
}

export function useFurtherFacts(one: () => Case): ComputedRef<Fact[]> {
  const { t, moment, fullTime, count, language } = useWords();
  const book = useCaseBook();
  const { now } = useClock();
  const known = shallowRef<readonly Department[]>([]);
  const mergedNumber = ref<string | null>(null);

  watch(() => one().department, async (code) => {
    if (code) known.value = await knownDepartments();
  }, { immediate: true });
  watch(() => one().merged_into, async (id) => {
    mergedNumber.value = null;
    if (id === null) return;
    const number = book.byId.value.get(id)?.number ?? (await caseDetail(id).catch(() => null))?.number ?? null;
    if (one().merged_into === id) mergedNumber.value = number;
  }, { immediate: true });

  return computed(() => {
    const { external_number, external_category, external_due_at, department, supervised_at, urged, merged_into } = one();
    const named = known.value.find(({ code }) => code === department)?.name[language.value];
    const due_ms = external_due_at ? Date.parse(external_due_at) : null;
    const supervised_ms = supervised_at ? Date.parse(supervised_at) : null;
    return [
      ...(merged_into === null ? [] : [{ key: "merged", name: t("case.mergedInto"), value: mergedNumber.value ?? t("case.showMerged") }]),
      ...(external_number ? [{ key: "ticket", name: t("case.ticket"), value: external_number }] : []),
      ...(external_category ? [{ key: "ticketCategory", name: t("case.ticketCategory"), value: external_category }] : []),
      ...(due_ms === null ? [] : [{ key: "ticketDue", name: t("case.ticketDue"), value: moment(due_ms, now.value), full: fullTime(due_ms) }]),
      ...(department ? [{ key: "department", name: t("case.department"), value: named ?? department }] : []),
      ...(supervised_ms === null ? [] : [{ key: "supervised", name: t("case.supervised"), value: moment(supervised_ms, now.value), full: fullTime(supervised_ms) }]),
      ...(urged > 0 ? [{ key: "urged", name: t("case.urged"), value: t("case.times", { count: count(urged) }) }] : []),
    ];
  });
}

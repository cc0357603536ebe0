/** How a case became known to whoever reports it, and who told them: a call or a visit has somebody behind it. */
import { computed, type ComputedRef, type Ref, ref } from "vue";
import type { NewCase } from "@/api";

/** What people report; the others are of machines and other systems. In the order they are offered in. */
export const SOURCES = ["patrol", "hotline", "citizen"] as const;
export type ReportSource = (typeof SOURCES)[number];

export interface Caller {
  source: Ref<ReportSource>;
  name: Ref<string>;
  phone: Ref<string>;
  /** the number of the hotline's ticket */
  ticket: Ref<string>;
  /** whoever reports stands before it: nobody told them */
  isThere: ComputedRef<boolean>;
  order: () => Partial<NewCase>;
}

/** The desk sits beside the telephone, as the server takes it too when a report does not say. */
export function usualSource(role: string | undefined): ReportSource {
  return role === "admin" || role === "dispatcher" ? "hotline" : "patrol";
}

/** Those of the server's fields that are said here. */
export const CALLER_FIELDS: readonly (string | null)[] = ["reporter", "phone", "external_number"];

export function createCaller(role: string | undefined): Caller {
  const source = ref(usualSource(role));
  const name = ref("");
  const phone = ref("");
  const ticket = ref("");
  const isThere = computed(() => source.value === "patrol");
  return {
    source,
    name,
    phone,
    ticket,
    isThere,
    order: () => ({
      source: source.value,
      ...(isThere.value ? {} : saying({ reporter: name.value, phone: phone.value })),
      ...(source.value === "hotline" ? saying({ external_number: ticket.value }) : {}),
    }),
  };
}

/** Without what is empty. */
function saying(said: Record<string, string>): Partial<NewCase> {
  const trimmed = Object.entries(said).map(([field, text]) => [field, text.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, text]) => text !== ""));
}

/** Signing in, step by step: the password, then perhaps a code; waiting when the server says so. */
import { computed, type ComputedRef, onMounted, type Ref, ref, shallowRef } from "vue";
import { type Problem, type Providers, signInProviders } from "@/api";
import { useCountdown } from "./countdown";
import type { Session } from "./session";

export interface Signing {
  username: Ref<string>;
  password: Ref<string>;
  code: Ref<string>;
  step: Readonly<Ref<"password" | "code">>;
  busy: Readonly<Ref<boolean>>;
  /** how long until the next attempt */
  wait_s: Readonly<Ref<number>>;
  /** what to tell; that a code is wanted is a step, not a problem */
  problem: ComputedRef<Problem | null>;
  oidc: Readonly<Ref<Providers["oidc"]>>;
  /** how the provider sent the viewer back, when it was without a session */
  sentBack: Readonly<Ref<"refused" | "expired" | null>>;
  submit: () => Promise<void>;
  back: () => void;
}

const USUAL_WAIT_S = 5;

export function useSigning(session: Session): Signing {
  const username = ref("");
  const password = ref("");
  const code = ref("");
  const step = ref<"password" | "code">("password");
  const busy = ref(false);
  const oidc = shallowRef<Providers["oidc"]>(null);
  const { left_s: wait_s, start } = useCountdown();
  const sentBack = ref(takeSentBack());

  const back = (): void => {
    step.value = "password";
    [password.value, code.value] = ["", ""];
    session.problem.value = null;
  };
  const submit = async (): Promise<void> => {
    if (busy.value || wait_s.value > 0) return;
    busy.value = true;
    sentBack.value = null;
    await session.enter(username.value.trim(), password.value, step.value === "code" ? code.value : null);
    busy.value = false;
    code.value = "";
    const said = session.problem.value;
    if (said?.status === 429) start(said.retry_after_s ?? USUAL_WAIT_S);
    else if (said?.code === "totp_required") step.value = "code";
    // A password that has been right once need not be typed again for another code.
    else if (said?.code !== "wrong_totp") [step.value, password.value] = ["password", ""];
  };
  onMounted(async () => {
    // Without an answer the password is still there to sign in with.
    const known = await signInProviders().catch(() => null);
    oidc.value = known?.oidc ?? null;
  });
  const problem = computed(() => {
    const said = session.problem.value;
    return said?.code === "totp_required" || (said?.status === 429 && wait_s.value === 0) ? null : said;
  });
  return { username, password, code, step, busy, wait_s, problem, oidc, sentBack, submit, back };
}

/** Read once: it says nothing about the next attempt. */
function takeSentBack(): "refused" | "expired" | null {
  const query = new URLSearchParams(location.search);
  const word = query.get("sign_in");
  if (word === null) return null;
  query.delete("sign_in");
  const rest = query.toString();
  history.replaceState(null, "", rest ? `?${rest}` : location.pathname);
  return word === "expired" ? "expired" : "refused";
}

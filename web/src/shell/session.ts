/** Who is signed in at this screen. */
import { type Ref, ref, shallowRef } from "vue";
import { type Account, asProblem, currentAccount, onSession, type Permission, type Problem, signIn, signOut } from "@/api";
import { context } from "./context";

export interface Session {
  account: Readonly<Ref<Account | null>>;
  /** "asking" until the server has said whether there is a session */
  status: Readonly<Ref<"asking" | "signed_out" | "signed_in">>;
  problem: Ref<Problem | null>;
  /** the session ended by itself, so the viewer wants back to where they were */
  ended: Readonly<Ref<boolean>>;
  enter: (username: string, password: string, code: string | null) => Promise<void>;
  leave: () => Promise<void>;
  /** asks the server anew who is signed in */
  resume: () => Promise<void>;
  may: (permission: Permission) => boolean;
}

/** What the address keeps is the screen of whoever looked at it. */
function clearAddress(): void {
  history.replaceState(null, "", location.pathname);
}

export function createSession(): Session {
  const account = shallowRef<Account | null>(null);
  const status = ref<"asking" | "signed_out" | "signed_in">("asking");
  const problem = shallowRef<Problem | null>(null);
  const ended = ref(false);
  let resuming: Promise<void> | null = null;
  let former: string | null = null;

  const accept = (signedIn: Account): void => {
    if (former !== null && former !== signedIn.username) clearAddress();
    former = signedIn.username;
    account.value = signedIn;
    status.value = "signed_in";
    problem.value = null;
    ended.value = false;
  };
  const forget = (): void => {
    account.value = null;
    status.value = "signed_out";
  };
  const read = async (): Promise<void> => {
    try {
      accept(await currentAccount());
    } catch (failure) {
      const said = asProblem(failure);
      // A server that is away for a moment does not end a session.
      if (status.value === "signed_in" && said.status !== 401) return;
      forget();
      // Not being signed in is the usual beginning, not a failure.
      problem.value = said.status === 401 ? null : said;
    } finally {
      resuming = null;
    }
  };
  const resume = (): Promise<void> => (resuming ??= read());
  onSession({
    signedOut: () => {
      ended.value = status.value === "signed_in";
      forget();
    },
    held: () => void resume(),
  });
  const enter = async (username: string, password: string, code: string | null): Promise<void> => {
    problem.value = null;
    try {
      accept(await signIn(username, password, code));
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  const leave = async (): Promise<void> => {
    await signOut().catch(() => undefined);
    forget();
    clearAddress();
    ended.value = false;
  };
  const may = (permission: Permission): boolean => account.value?.permissions.includes(permission) ?? false;
  return { account, status, problem, ended, enter, leave, resume, may };
}

export const [provideSession, useSession] = context<Session>("session");

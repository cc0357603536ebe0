/** Who is signed in at this screen. */
import { type Ref, ref, shallowRef } from "vue";
import { type Account, asProblem, currentAccount, onSignedOut, type Permission, type Problem, signIn, signOut } from "@/api";
import { context } from "./context";

export interface Session {
  account: Readonly<Ref<Account | null>>;
  /** "asking" until the server has said whether there is a session */
  status: Readonly<Ref<"asking" | "signed_out" | "signed_in">>;
  problem: Readonly<Ref<Problem | null>>;
  /** the session ended by itself, so the viewer wants back to where they were */
  ended: Readonly<Ref<boolean>>;
  enter: (username: string, password: string) => Promise<void>;
  leave: () => Promise<void>;
  resume: () => Promise<void>;
  may: (permission: Permission) => boolean;
}

export function createSession(): Session {
  const account = shallowRef<Account | null>(null);
  const status = ref<"asking" | "signed_out" | "signed_in">("asking");
  const problem = shallowRef<Problem | null>(null);
  const ended = ref(false);

  const accept = (signedIn: Account): void => {
    account.value = signedIn;
    status.value = "signed_in";
    problem.value = null;
    ended.value = false;
  };
  onSignedOut(() => {
    ended.value = status.value === "signed_in";
    account.value = null;
    status.value = "signed_out";
  });
  const resume = async (): Promise<void> => {
    try {
      accept(await currentAccount());
    } catch (failure) {
      const said = asProblem(failure);
      status.value = "signed_out";
      // Not being signed in is the usual beginning, not a failure.
      problem.value = said.status === 401 ? null : said;
    }
  };
  const enter = async (username: string, password: string): Promise<void> => {
    problem.value = null;
    try {
      accept(await signIn(username, password));
    } catch (failure) {
      problem.value = asProblem(failure);
    }
  };
  const leave = async (): Promise<void> => {
    await signOut().catch(() => undefined);
    account.value = null;
    status.value = "signed_out";
    ended.value = false;
  };
  const may = (permission: Permission): boolean => account.value?.permissions.includes(permission) ?? false;
  return { account, status, problem, ended, enter, leave, resume, may };
}

export const [provideSession, useSession] = context<Session>("session");

/** Signing in and out, and what belongs to one's own account. */
import { ask } from "./http";
import type { Account, OpenSession, Providers, TotpOffer } from "./types";

/** Without `code` an account with a second factor is answered `totp_required`. */
export async function signIn(username: string, password: string, code: string | null): Promise<Account> {
  const body = { username, password, ...(code ? { code } : {}) };
  return (await ask("post", "/api/v1/sessions", { body })).account;
}

export async function currentAccount(): Promise<Account> {
  return (await ask("get", "/api/v1/sessions")).account;
}

export function signOut(): Promise<void> {
  return ask("delete", "/api/v1/sessions");
}

/** Other ways to sign in. */
export function signInProviders(): Promise<Providers> {
  return ask("get", "/api/v1/sessions/providers");
}

export async function ownSessions(): Promise<OpenSession[]> {
  return (await ask("get", "/api/v1/sessions/all")).items;
}

/** Signs the account out on every machine, this one too. Tokens of programs stay. */
export function signOutEverywhere(): Promise<void> {
  return ask("delete", "/api/v1/sessions/all");
}

/** Every other session of the account ends. */
export function changePassword(old: string, chosen: string): Promise<void> {
  return ask("put", "/api/v1/sessions/password", { body: { old, new: chosen } });
}

/** A secret to be confirmed with a code before it counts. */
export function offerTotp(): Promise<TotpOffer> {
  return ask("post", "/api/v1/sessions/totp");
}

export function confirmTotp(secret: string, code: string): Promise<void> {
  return ask("put", "/api/v1/sessions/totp", { body: { secret, code } });
}

export function removeTotp(code: string): Promise<void> {
  return ask("delete", "/api/v1/sessions/totp", { body: { code } });
}

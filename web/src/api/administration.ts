/** What an administrator sets up, and what an auditor reads. */
import { ask } from "./http";
import type {
  AccountChange,
  AuditPage,
  ChainCheck,
  Crs,
  Device,
  Leave,
  ListedAccount,
  NewAccount,
  NewLeave,
  NewPost,
  NewStaff,
  NewUnit,
  Permission,
  Post,
  RoleTable,
  StaffFile,
  Unit,
} from "./types";

export interface AuditFilter {
  /** the name of an account */
  actor?: string;
  /** `track.read`, or `track.` for all that begin so */
  action?: string;
  /** `unit GW-017` */
  subject?: string;
  from?: string;
  /** not included */
  to?: string;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

async function everything<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read(cursor);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

const PAGE = 500;

export function allAccounts(): Promise<ListedAccount[]> {
  return everything((cursor) => ask("get", "/api/v1/accounts", { query: { cursor, limit: PAGE } }));
}

/** The password is made by the server and told this once. */
export function createAccount(account: NewAccount): Promise<{ account: ListedAccount; password: string | null }> {
  return ask("post", "/api/v1/accounts", { body: account });
}

export function changeAccount(username: string, change: AccountChange): Promise<ListedAccount> {
  return ask("patch", "/api/v1/accounts/{username}", { path: { username }, body: change });
}

export async function resetPassword(username: string): Promise<string> {
  return (await ask("post", "/api/v1/accounts/{username}/password", { path: { username } })).password;
}

export function endSessions(username: string): Promise<void> {
  return ask("delete", "/api/v1/accounts/{username}/sessions", { path: { username } });
}

export function removeTotpOf(username: string): Promise<void> {
  return ask("delete", "/api/v1/accounts/{username}/totp", { path: { username } });
}

export function allStaff(): Promise<StaffFile[]> {
  return everything((cursor) => ask("get", "/api/v1/staff", { query: { cursor: cursor === null ? null : Number(cursor), limit: PAGE } }));
}

export function createStaff(member: NewStaff): Promise<StaffFile> {
  return ask("post", "/api/v1/staff", { body: member });
}

export function beginPost(id: number, post: NewPost): Promise<Post> {
  return ask("post", "/api/v1/staff/{id}/posts", { path: { id }, body: post });
}

export function endPost(id: number, post: number, to: Date): Promise<Post> {
  return ask("patch", "/api/v1/staff/{id}/posts/{post}", { path: { id, post }, body: { to: to.toISOString() } });
}

/** The last first; those that were taken back too. */
export async function leavesOf(id: number): Promise<Leave[]> {
  return (await ask("get", "/api/v1/staff/{id}/leaves", { path: { id } })).items;
}

export function enterLeave(id: number, leave: NewLeave): Promise<Leave> {
  return ask("post", "/api/v1/staff/{id}/leaves", { path: { id }, body: leave });
}

export function endLeave(id: number, leave: number, to: Date): Promise<Leave> {
  return ask("patch", "/api/v1/staff/{id}/leaves/{leave}", { path: { id, leave }, body: { to: to.toISOString() } });
}

/** One that has not begun. */
export function cancelLeave(id: number, leave: number): Promise<Leave> {
  return ask("post", "/api/v1/staff/{id}/leaves/{leave}/cancel", { path: { id, leave } });
}

export function createUnit(unit: NewUnit): Promise<Unit> {
  return ask("post", "/api/v1/units", { body: unit });
}

export async function allDevices(): Promise<Device[]> {
  return (await ask("get", "/api/v1/devices")).items;
}

/** The token is told this once. */
export function enrolDevice(unit: string, protocol: string, identifier: string, crs: Crs): Promise<{ device: Device; token: string }> {
  return ask("post", "/api/v1/devices", { body: { unit, protocol, identifier, crs } });
}

export async function rotateDevice(id: number): Promise<string> {
  return (await ask("post", "/api/v1/devices/{id}/token", { path: { id } })).token;
}

export function revokeDevice(id: number): Promise<void> {
  return ask("delete", "/api/v1/devices/{id}", { path: { id } });
}

export async function allRoles(): Promise<RoleTable[]> {
  return (await ask("get", "/api/v1/roles")).items;
}

export function setPermission(role: string, permission: Permission, granted: boolean): Promise<RoleTable> {
  return ask("put", "/api/v1/roles/{role}/permissions/{permission}", { path: { role, permission }, body: { granted } });
}

/** Newest first. */
export function auditPage(filter: AuditFilter, cursor: string | null): Promise<AuditPage> {
  return ask("get", "/api/v1/audit", { query: { ...filter, cursor: cursor === null ? null : Number(cursor), limit: 100 } });
}

export function verifyAudit(): Promise<ChainCheck> {
  return ask("get", "/api/v1/audit/verify");
}

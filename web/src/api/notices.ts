/** What one is told, and how one wants to be told. */
import { ask } from "./http";
import type { Alert, NewNoticePreferences, Notice, NoticePage, NoticePreferences } from "./types";

/** Newest first. */
export function noticePage(unread: boolean, cursor: string | null, limit: number): Promise<NoticePage> {
  return ask("get", "/api/v1/notices", { query: { unread, cursor, limit } });
}

export function readNotice(id: number): Promise<Notice> {
  return ask("post", "/api/v1/notices/{id}/read", { path: { id } });
}

/** How many are unread now: what has come since. */
export async function readNoticesUpTo(id: number): Promise<number> {
  return (await ask("post", "/api/v1/notices/read", { body: { up_to: id } })).unread;
}

export function noticePreferences(): Promise<NoticePreferences> {
  return ask("get", "/api/v1/notices/preferences");
}

/** In place of those before. */
export function saveNoticePreferences(wanted: NewNoticePreferences): Promise<NoticePreferences> {
  return ask("put", "/api/v1/notices/preferences", { body: wanted });
}

/** Also one that is over. */
export function alertOf(id: number): Promise<Alert> {
  return ask("get", "/api/v1/alerts/{id}", { path: { id } });
}

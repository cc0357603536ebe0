/** Photos of cases: sent one by one, then named in a report or an action. */
import { sendFile, urlOf } from "./http";
import type { Photo } from "./types";

/** Names one thing that is sent, so that it may be sent again. `crypto.randomUUID` needs https, which many intranets lack. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** It is gone after a day unless a report or an action names it. */
export function sendPhoto(file: File, key: string, told: (share: number) => void, signal: AbortSignal): Promise<Photo> {
  return sendFile("/api/v1/photos", file, key, told, signal);
}

export function photoAddress(id: string): string {
  return urlOf("/api/v1/photos/{id}", { id });
}

export function thumbnailAddress(id: string): string {
  return urlOf("/api/v1/photos/{id}/thumbnail", { id });
}

/** What somebody without an account may ask. The code of a report goes in a header, never in an address. */
import { ask, fetchFile, sendForm, urlOf } from "@/api/http";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type PublicCategory = Schemas["PublicCategory"];
export type PublicDuplicate = Schemas["PublicDuplicate"];
export type PublicPhoto = Schemas["PublicPhoto"];
export type PublicReport = Schemas["PublicReport"];
export type Receipt = Schemas["PublicReceipt"];
export type NewReport = Schemas["CitizenReport"];
export type Answering = Schemas["CitizenAction"];

/** WGS-84, and who said so. */
export interface Place {
  lon: number;
  lat: number;
  from: "phone" | "photo" | "map";
}

export const PUBLIC_BASEMAP = "/api/v1/public/basemap/{z}/{x}/{y}.mvt";

/** A report and the code that follows it. */
export interface Followed {
  number: string;
  code: string;
}

/** Of the page that shows a report. What stands after the # stays in the browser: no server logs it. */
export function addressOf({ number, code }: Followed): string {
  return `/report#${number}/${code}`;
}

/** What such an address is about. */
export function followedIn(hash: string): Followed | null {
  const [number = "", code = ""] = hash.replace(/^#/, "").split("/");
  return number && code ? { number, code } : null;
}

const headersOf = ({ code }: Followed): Record<string, string> => ({ "x-follow-code": code });

export async function publicCategories(): Promise<PublicCategory[]> {
  return (await ask("get", "/api/v1/public/categories")).items;
}

export function publicTown(): Promise<Schemas["PublicTown"]> {
  return ask("get", "/api/v1/public/town");
}

/** Refused with 422 where a report from there would be. */
export function checkPlace(lon: number, lat: number): Promise<Schemas["PublicPlace"]> {
  return ask("get", "/api/v1/public/place", { query: { lon, lat } });
}

export function sendPhoto(file: File): Promise<PublicPhoto> {
  const form = new FormData();
  form.append("files", file);
  return sendForm("post", "/api/v1/public/photos", form);
}

export async function duplicatesOf(lon: number, lat: number, category: string): Promise<PublicDuplicate[]> {
  return (await ask("get", "/api/v1/public/duplicates", { query: { lon, lat, category } })).items;
}

/** `key` makes the report safe to send again: the server answers the same number and code. */
export function sendReport(body: NewReport, key: string): Promise<Receipt> {
  return ask("post", "/api/v1/public/reports", { body, headers: { "idempotency-key": key } });
}

export function follow(of: Followed): Promise<PublicReport> {
  return ask("get", "/api/v1/public/reports/{number}", { path: { number: of.number }, headers: headersOf(of) });
}

export function answer(of: Followed, body: Answering): Promise<PublicReport> {
  return ask("post", "/api/v1/public/reports/{number}/actions", { path: { number: of.number }, body, headers: headersOf(of) });
}

export async function thumbnail(of: Followed, id: string): Promise<Blob> {
  const url = urlOf("/api/v1/public/reports/{number}/photos/{id}/thumbnail", { number: of.number, id });
  return (await fetchFile(url, headersOf(of))).content;
}

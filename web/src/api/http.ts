/** One way to ask the server, typed by its OpenAPI document, and one kind of failure. */
import type { paths } from "./schema";

/**
 * An answer that is not a success (RFC 9457), or no answer at all (`status` 0, code `no_answer`).
 * `detail` is the server's own sentence; pages prefer the translated words for `code`.
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field: string | null = null,
    /** how long the server asks to wait */
    readonly retry_after_s: number | null = null,
    /** all that the problem document says */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = "Problem";
  }
}

export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  return new Problem(0, "no_answer", failure instanceof Error ? failure.message : "");
}

type Method = "get" | "post" | "put" | "patch" | "delete";
type Path = keyof paths;
type Json<R> = R extends { content: { "application/json": infer T } }
  ? T
  : R extends { content: { "application/geo+json": infer T } }
    ? T
    : void;
type Success<R> = R extends { 200: infer T } ? T : R extends { 201: infer T } ? T : void;

/** What the operation answers. */
export type Answer<P extends Path, M extends Method> = paths[P][M] extends { responses: infer R }
  ? Json<Success<R>>
  : never;

interface Asked<P extends Path, M extends Method> {
  /** what stands for `{name}` in the path */
  path?: Record<string, string | number>;
  query?: paths[P][M] extends { parameters: { query?: infer Q } } ? Q : never;
  body?: paths[P][M] extends { requestBody: { content: { "application/json": infer B } } } ? B : never;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

interface Listeners {
  /** the session has ended */
  signedOut: () => void;
  /** nothing is answered before the viewer has seen to their own account */
  held: () => void;
}

let listeners: Listeners = { signedOut: () => undefined, held: () => undefined };

/** Called for what an answer says of the session rather than of the request. */
export function onSession(told: Listeners): void {
  listeners = told;
}

const HELD = ["change_password_first", "set_up_totp_first"];

/** The address of `path` with its places filled in. */
export function urlOf(path: Path, places: Record<string, string | number> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(places[name])));
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  const text = new URLSearchParams(pairs).toString();
  return text ? `${filled}?${text}` : filled;
}

/** Asks, and throws a Problem for everything but success; an aborted request throws as fetch does. */
export async function ask<M extends Method, P extends Path>(
  method: M,
  path: P,
  { path: places, query, body, headers, signal }: Asked<P, M> = {},
): Promise<Answer<P, M>> {
  const answer = await send(urlOf(path, places, query ?? {}), {
    method: method.toUpperCase(),
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  });
  // 204 has nothing to read; its type is void.
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as Answer<P, M>;
}

/** What stands at an address that is not in the OpenAPI document: the interface for GIS programs. */
export async function askAt<T>(url: string, signal?: AbortSignal): Promise<T> {
  const answer = await send(url, { method: "GET", headers: { accept: "application/geo+json" }, signal: signal ?? null });
  return (await answer.json()) as T;
}

/** Sends files, with fields beside them. */
export async function sendForm<M extends "post" | "put", P extends Path>(method: M, path: P, form: FormData, query: object = {}): Promise<Answer<P, M>> {
  const answer = await send(urlOf(path, {}, query), { method: method.toUpperCase(), headers: { accept: "application/json" }, body: form });
  return (await answer.json()) as Answer<P, M>;
}

/** Sends files, and is answered with one. */
export async function fetchForm(path: Path, form: FormData, query: object): Promise<Blob> {
  const answer = await send(urlOf(path, {}, query), { method: "POST", body: form });
  return await answer.blob();
}

/**
 * Sends one file and tells how much of it has left (0 to 1). The same file under the same `key` is the same
 * to the server, so it may be sent again. With XMLHttpRequest: fetch does not tell of what it sends.
 */
export async function sendFile<P extends Path>(path: P, file: File, key: string, told: (share: number) => void, signal: AbortSignal): Promise<Answer<P, "post">> {
  const form = new FormData();
  form.append("files", file);
  const answer = await new Promise<Response>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = (): void => reject(new Problem(0, "no_answer", ""));
    request.upload.addEventListener("progress", ({ loaded, total }) => told(total > 0 ? loaded / total : 0));
    request.addEventListener("load", () => {
      const headers = { "retry-after": request.getResponseHeader("retry-after") ?? "" };
      resolve(new Response(request.responseText, { status: request.status, headers }));
    });
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", urlOf(path));
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("idempotency-key", key);
    request.send(form);
  });
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as Answer<P, "post">;
}

/** The lines of an answer, each as it arrives. */
export async function* linesOf(url: string, signal?: AbortSignal): AsyncGenerator<string> {
  const answer = await send(url, { method: "GET", headers: { accept: "application/json" }, signal: signal ?? null });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (done) break;
  }
  if (rest) yield rest;
}

/** A file the server makes, to be saved under the name it gives. */
export async function fetchFile(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ content: Blob; name: string | null }> {
  const answer = await send(url, { method: "GET", headers });
  const name = /filename="?([^";]+)"?/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  return { content: await answer.blob(), name: name ?? null };
}

async function send(url: string, request: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...request });
  } catch (failure) {
    if (request.signal?.aborted) throw failure;
    throw asProblem(failure);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function problemOf(answer: Response): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const word = (name: string): string | null => {
    const value = said[name];
    return typeof value === "string" ? value : null;
  };
  const problem = new Problem(
    answer.status,
    word("code") ?? `http_${answer.status}`,
    word("detail") ?? word("title") ?? answer.statusText,
    word("field"),
    secondsOf(answer.headers.get("retry-after")),
    said,
  );
  if (problem.status === 401 && problem.code === "not_signed_in") listeners.signedOut();
  if (problem.status === 403 && HELD.includes(problem.code)) listeners.held();
  return problem;
}

function secondsOf(retry_after: string | null): number | null {
  const seconds = Number(retry_after || NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

/** Figures of a period: indicators, rankings, and the reports in which they are fixed. */
import { ask, fetchFile, urlOf } from "./http";
import type { Figures, FigureThreshold, JudgedFigure, NamedFile, NewReport, Period, RankedBy, Ranking, RankingWeight, Report, ReportKind, WholeReport } from "./types";

/** Of a grid and everything under it; null is everything that is the viewer's. */
export function figuresOf({ from, to }: Period, grid: string | null, signal?: AbortSignal): Promise<Figures> {
  return ask("get", "/api/v1/figures", { query: { from: from.toISOString(), to: to.toISOString(), grid }, signal });
}

/** The best first. `weights` ("on_time_rate:60,satisfaction:40") are tried; without them those that were chosen count. */
export function rankingOf(of: RankedBy, { from, to }: Period, grid: string | null, signal?: AbortSignal, weights?: string): Promise<Ranking> {
  return ask("get", "/api/v1/figures/rankings", { query: { of, from: from.toISOString(), to: to.toISOString(), grid, weights }, signal });
}

/** Of every figure that is good or bad, with the usual ones. */
export async function allThresholds(): Promise<JudgedFigure[]> {
  return (await ask("get", "/api/v1/figures/thresholds")).items;
}

export function setThreshold(code: string, limits: { warn: number; alarm: number }): Promise<FigureThreshold> {
  return ask("put", "/api/v1/figures/{code}/threshold", { path: { code }, body: limits });
}

/** Answers with the usual one, which holds again; null is none. */
export function forgetThreshold(code: string): Promise<FigureThreshold | null> {
  return ask("delete", "/api/v1/figures/{code}/threshold", { path: { code } });
}

export async function rankingWeights(): Promise<RankingWeight[]> {
  return (await ask("get", "/api/v1/figures/weights")).items;
}

/** In place of all others; none at all brings the usual ones back. */
export async function setRankingWeights(weights: Record<string, number>): Promise<RankingWeight[]> {
  return (await ask("put", "/api/v1/figures/weights", { body: { weights } })).items;
}

/** The newest period first. */
/** The newest first; of one kind, of exactly this grid, or of any. */
export async function reportsOf(kind: ReportKind | null, grid: string | null): Promise<Report[]> {
  return (await ask("get", "/api/v1/reports", { query: { kind, grid } })).items;
}

/** Of a period that is over; another one of the same says why. */
export function makeReport(wanted: NewReport): Promise<Report> {
  return ask("post", "/api/v1/reports", { body: wanted });
}

export function wholeReport(id: number, signal?: AbortSignal): Promise<WholeReport> {
  return ask("get", "/api/v1/reports/{id}", { path: { id }, signal });
}

/** In the order they are offered in. */
export const REPORT_FORMATS = ["pdf", "xlsx", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export async function downloadReport(id: number, format: ReportFormat, language: "zh" | "en"): Promise<NamedFile> {
  const file = await fetchFile(urlOf("/api/v1/reports/{id}/download", { id }, { format, language }));
  return { content: file.content, name: file.name ?? `report-${id}.${format}` };
}

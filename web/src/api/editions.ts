/** Editions of the grids: drafts that are changed step by step, compared, and put in force. */
import { ask, sendForm } from "./http";
import type {
  Activated,
  ChangedEdition,
  DraftFromFiles,
  Edition,
  EditionChange,
  EditionComparison,
  EditionFinding,
  EditionGrid,
  EditionOrder,
  GridsPreview,
} from "./types";

/** The newest first. */
export async function allEditions(): Promise<Edition[]> {
  return (await ask("get", "/api/v1/editions")).items;
}

/** A draft with the grids of the edition in force. */
export function copyEdition(name: string): Promise<Edition> {
  return ask("post", "/api/v1/editions/copies", { body: { name } });
}

export function deleteEdition(id: number): Promise<void> {
  return ask("delete", "/api/v1/editions/{id}", { path: { id } });
}

export function oneEdition(id: number): Promise<Edition> {
  return ask("get", "/api/v1/editions/{id}", { path: { id } });
}

export async function editionGrids(id: number): Promise<EditionGrid[]> {
  return (await ask("get", "/api/v1/editions/{id}/grids", { path: { id } })).features;
}

export async function editionFindings(id: number): Promise<EditionFinding[]> {
  const found: unknown = await ask("get", "/api/v1/editions/{id}/findings", { path: { id } });
  return (found as { features: EditionFinding[] }).features;
}

/** The newest first. */
export async function editionChanges(id: number): Promise<EditionChange[]> {
  return (await ask("get", "/api/v1/editions/{id}/changes", { path: { id } })).items;
}

export function changeEdition(id: number, order: EditionOrder): Promise<ChangedEdition> {
  return ask("post", "/api/v1/editions/{id}/changes", { path: { id }, body: order });
}

export function undoEdition(id: number, version: number): Promise<ChangedEdition> {
  return ask("post", "/api/v1/editions/{id}/undo", { path: { id }, body: { steps: 1, version } });
}

export function redoEdition(id: number, version: number): Promise<ChangedEdition> {
  return ask("post", "/api/v1/editions/{id}/redo", { path: { id }, body: { steps: 1, version } });
}

/** With the edition in force. */
export function compareEdition(id: number): Promise<EditionComparison> {
  return ask("get", "/api/v1/editions/{id}/comparison", { path: { id } });
}

/** Now, or at an instant to come; `replaces` names the edition that it was not made of and takes back. */
export function activateEdition(id: number, version: number, at: Date | null, accept_reason: string | null, replaces: number | null): Promise<Activated> {
  const body = { version, ...(at ? { at: at.toISOString() } : {}), ...(accept_reason ? { accept_reason } : {}), ...(replaces === null ? {} : { replaces }) };
  return ask("post", "/api/v1/editions/{id}/activation", { path: { id }, body });
}

export function cancelActivation(id: number): Promise<Edition> {
  return ask("delete", "/api/v1/editions/{id}/activation", { path: { id } });
}

/** What files hold and what their columns would be taken for; nothing is changed. */
export function previewGrids(form: FormData): Promise<GridsPreview> {
  return sendForm("post", "/api/v1/editions/preview", form);
}

export function draftFromFiles(form: FormData): Promise<DraftFromFiles> {
  return sendForm("post", "/api/v1/editions", form);
}

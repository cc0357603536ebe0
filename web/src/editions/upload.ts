/** The form that files are sent in. */
export const COLUMN_ROLES = ["code", "name", "parent", "level"] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** What is empty is left to the server. */
export function formOf(files: readonly File[], columns: Readonly<Record<ColumnRole, string>>, said: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  for (const role of COLUMN_ROLES) if (columns[role]) form.append(`${role}_field`, columns[role]);
  for (const [name, value] of Object.entries(said)) if (value) form.append(name, value);
  return form;
}

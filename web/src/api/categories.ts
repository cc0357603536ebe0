/** What cases are about, and the departments that handle them, as an administrator edits them. */
import { ask, fetchFile, sendForm, urlOf } from "./http";
import type { CategoriesDone, Category, CategoryChange, Department, DepartmentChange, NamedFile, NewCategory, NewDepartment } from "./types";

export function createCategory(category: NewCategory): Promise<Category> {
  return ask("post", "/api/v1/cases/categories", { body: category });
}

/** Refused when somebody else has changed it since the `version` that is given. */
export function changeCategory(code: string, change: CategoryChange): Promise<Category> {
  return ask("put", "/api/v1/cases/categories/{code}", { path: { code }, body: change });
}

/** As every installation begins with it. */
export function restoreCategory(code: string): Promise<Category> {
  return ask("post", "/api/v1/cases/categories/{code}/restore", { path: { code } });
}

export async function exportCategories(format: "csv" | "xlsx"): Promise<NamedFile> {
  const file = await fetchFile(urlOf("/api/v1/cases/categories/export", {}, { format }));
  return { content: file.content, name: file.name ?? `categories.${format}` };
}

/** With `preview` only what would change. Without it all rows, or none where one is wrong. */
export function importCategories(file: File, preview: boolean): Promise<CategoriesDone> {
  const form = new FormData();
  form.append("files", file);
  return sendForm("post", "/api/v1/cases/categories/import", form, { preview });
}

/** Those that are closed too. */
export async function allDepartments(): Promise<Department[]> {
  return (await ask("get", "/api/v1/departments")).items;
}

export function createDepartment(department: NewDepartment): Promise<Department> {
  return ask("post", "/api/v1/departments", { body: department });
}

/** Refused when somebody else has changed it since the `version` that is given. */
export function changeDepartment(code: string, change: DepartmentChange): Promise<Department> {
  return ask("put", "/api/v1/departments/{code}", { path: { code }, body: change });
}

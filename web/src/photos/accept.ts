/** Which files may be added to a report or an action. Pure; the limits are the server's. */
export const MOST_PHOTOS = 9;
export const LARGEST_MB = 20;
/** For the browser's own choice of files. */
export const ACCEPTED = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif";

const KINDS = new Set(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]);
/** Most systems do not know the kind of these and say nothing. */
const HEIC = /\.hei[cf]$/i;

export type Fault = "kind" | "size" | "many";

export interface Accepted<F> {
  taken: F[];
  /** the first thing that was wrong with the others */
  fault: Fault | null;
}

/** Those of `files` that there is room for beside the `present` ones. */
export function accept<F extends Pick<File, "name" | "type" | "size">>(files: readonly F[], present: number): Accepted<F> {
  const taken: F[] = [];
  let fault: Fault | null = null;
  for (const file of files) {
    const wrong = faultOf(file) ?? (present + taken.length >= MOST_PHOTOS ? "many" : null);
    if (wrong) fault ??= wrong;
    else taken.push(file);
  }
  return { taken, fault };
}

function faultOf({ name, type, size }: Pick<File, "name" | "type" | "size">): Fault | null {
  if (!KINDS.has(type) && !HEIC.test(name)) return "kind";
  return size > LARGEST_MB * 1024 * 1024 ? "size" : null;
}

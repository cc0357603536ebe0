/** Gives a file to the browser to keep. */
import type { NamedFile } from "@/api";

export function saveFile({ content, name }: NamedFile): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun once the click is through.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

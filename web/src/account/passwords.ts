/** The rules of passwords that can be told before the server is asked; it has the last word. Pure. */

export const LEAST_LENGTH = 8;

export type Fault = "short" | "name" | "same";

export function faultOf(old: string, chosen: string, username: string): Fault | null {
  if (chosen.length < LEAST_LENGTH) return "short";
  if (chosen.toLowerCase() === username.toLowerCase()) return "name";
  return chosen === old ? "same" : null;
}

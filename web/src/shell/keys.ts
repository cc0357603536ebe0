/** Keys that work anywhere on the page, except while somebody types. */
import { onScopeDispose } from "vue";

export type Keys = Partial<Record<string, (event: KeyboardEvent) => void>>;

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const typing = target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
  return typing || (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox");
}

/** Space and arrows belong to the control that has the focus, where it knows them. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const pressable = target instanceof HTMLButtonElement || target instanceof HTMLInputElement;
  if (event.key === " ") return pressable;
  return event.key.startsWith("Arrow") && target.closest("[data-arrows]") !== null;
}

/** `keys` by `KeyboardEvent.key`; Escape works while typing too. */
export function useKeys(keys: Keys): void {
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    const act = keys[event.key];
    if (!act || isTaken(event) || (isTyping(event) && event.key !== "Escape")) return;
    event.preventDefault();
    act(event);
  };
  window.addEventListener("keydown", press);
  onScopeDispose(() => window.removeEventListener("keydown", press));
}

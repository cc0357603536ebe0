/** What the screen shows, kept in the address bar so that a link reproduces it. */
import { onScopeDispose, reactive, watch } from "vue";
import { context } from "./context";
import { type Chosen, type Link, readLink, writeLink } from "./link";

export interface Desk {
  link: Link;
  choose: (chosen: Chosen | null) => void;
  open: (section: Link["section"]) => void;
}

export function createDesk(): Desk {
  const link = reactive(readLink(location.search));
  // A new section or object is a step that the back button undoes; moving the map is not.
  const step = (): string => `${link.section} ${link.chosen?.kind} ${link.chosen?.id}`;
  let lastStep = step();
  watch(
    () => writeLink(link),
    (search) => {
      const address = `${location.pathname}${search}`;
      if (step() === lastStep) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
      lastStep = step();
    },
  );
  const goBack = (): void => {
    const { view: _, ...rest } = readLink(location.search);
    Object.assign(link, rest);
    lastStep = step();
  };
  window.addEventListener("popstate", goBack);
  onScopeDispose(() => window.removeEventListener("popstate", goBack));
  return {
    link,
    choose: (chosen) => (link.chosen = chosen),
    open: (section) => {
      link.panel = link.section === section ? !link.panel : true;
      link.section = section;
    },
  };
}

export const [provideDesk, useDesk] = context<Desk>("desk");

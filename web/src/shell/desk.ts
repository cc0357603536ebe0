/** What the screen shows, kept in the address bar so that a link reproduces it. */
import { onScopeDispose, reactive, watch } from "vue";
import { context } from "./context";
import { type Chosen, type Link, readLink, writeLink } from "./link";
import { rememberedLayers, rememberLayers } from "./remembered";
import { dutyTabsFor, type May, opensFor, type Section, sectionsFor } from "./sections";

export interface Desk {
  link: Link;
  choose: (chosen: Chosen | null) => void;
  open: (section: Section) => void;
}

/** A link to what the viewer may not open opens the first section, or part of one, that they may. */
export function createDesk(may: May): Desk {
  const sections = sectionsFor(may);
  const dutyTabs = dutyTabsFor(may);
  const read = (): Link => {
    const found = readLink(location.search, rememberedLayers() ?? {});
    return {
      ...found,
      section: sections.includes(found.section) ? found.section : (sections[0] ?? "settings"),
      duty: dutyTabs.includes(found.duty) ? found.duty : (dutyTabs[0] ?? "plans"),
      edition: may("administer") ? found.edition : null,
      chosen: found.chosen && opensFor(found.chosen.kind, may) ? found.chosen : null,
    };
  };
  const link = reactive(read());
  // A new section or object is a step that the back button undoes; moving the map is not.
  const step = (): string => `${link.section} ${link.tab} ${link.duty} ${link.edition} ${link.chosen?.kind} ${link.chosen?.id} ${link.nearby?.lon} ${link.nearby?.lat}`;
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
  watch(
    () => [link.layers, link.overlays],
    () => rememberLayers(link),
  );
  const goBack = (): void => {
    const { view: _, ...rest } = read();
    Object.assign(link, rest);
    lastStep = step();
  };
  window.addEventListener("popstate", goBack);
  onScopeDispose(() => window.removeEventListener("popstate", goBack));
  return {
    link,
    // What is chosen takes the drawer; the back button leads to what was asked there before.
    choose: (chosen) => Object.assign(link, { chosen, trackDay: null, ...(chosen ? { nearby: null } : {}) }),
    open: (section) => {
      // The settings are a page of their own: there is nothing behind them to fold away to.
      link.panel = link.section === section && section !== "settings" ? !link.panel : true;
      link.section = section;
    },
  };
}

export const [provideDesk, useDesk] = context<Desk>("desk");

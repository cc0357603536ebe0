/** What the screen shows, kept in the address bar so that a link reproduces it. */
import { onScopeDispose, reactive, watch } from "vue";
import { kindsFor } from "@/cases/choosing";
import { mayImport } from "@/cases/intake/list";
import { context } from "./context";
import { type Chosen, type Link, pageOf, readLink, writeLink } from "./link";
import { rememberedLayers, rememberLayers } from "./remembered";
import { dutyTabsFor, opensFor, sectionsFor } from "./permitted";
import type { Section } from "./sections";
import type { Session } from "./session";

export interface Desk {
  link: Link;
  choose: (chosen: Chosen | null) => void;
  open: (section: Section) => void;
}

/** A link to what the viewer may not open opens the first section, or part of one, that they may. */
export function createDesk(session: Session): Desk {
  const { may } = session;
  const sections = sectionsFor(may);
  const dutyTabs = dutyTabsFor(may);
  const read = (): Link => {
    const found = readLink(location.search, rememberedLayers() ?? {});
    return {
      ...found,
      section: sections.includes(found.section) ? found.section : (sections[0] ?? "settings"),
      duty: dutyTabs.includes(found.duty) ? found.duty : (dutyTabs[0] ?? "plans"),
      caseOnly: found.caseOnly.filter((one) => kindsFor(session.account.value?.staff ?? null).includes(one)),
      caseDesk: found.caseDesk === "import" && !mayImport(session) ? null : found.caseDesk,
      edition: may("administer") ? found.edition : null,
      chosen: found.chosen && opensFor(found.chosen.kind, may) ? found.chosen : null,
    };
  };
  const link = reactive(read());
  // A new section or object is a step that the back button undoes; moving the map is not.
  const step = (): string => `${link.section} ${link.caseDesk} ${link.tab} ${link.duty} ${link.figures.tab} ${link.edition} ${link.chosen?.kind} ${link.chosen?.id} ${link.nearby?.lon} ${link.nearby?.lat}`;
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
      // Behind a page there is nothing to fold away to; from one of a section one is back at the section itself.
      link.panel = link.section === section && pageOf(link) === null ? !link.panel : true;
      link.caseDesk = null;
      link.section = section;
    },
  };
}

export const [provideDesk, useDesk] = context<Desk>("desk");

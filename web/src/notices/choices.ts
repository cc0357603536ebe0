/** Which kinds of notices go through which channels: the viewer's choices, over what is usual. Pure. */
import type { NewNoticePreferences, NoticeKindChoice, NoticePreferences, QuietHours } from "@/api";

/** By the kind; a kind that is left out goes where the administrator lets it go. */
export type Choices = Readonly<Record<string, readonly number[]>>;

export function goesThrough(choices: Choices, kind: NoticeKindChoice): readonly number[] {
  return choices[kind.kind] ?? kind.usual;
}

/** What is the same as usual is no choice: it changes when the administrator changes it. */
export function withChannel(choices: Choices, kind: NoticeKindChoice, channel: number, on: boolean): Choices {
  const others = goesThrough(choices, kind).filter((id) => id !== channel);
  const now = (on ? [...others, channel] : others).sort((a, b) => a - b);
  const { [kind.kind]: _, ...rest } = choices;
  const usual = [...kind.usual].sort((a, b) => a - b);
  return now.join() === usual.join() ? rest : { ...rest, [kind.kind]: now };
}

export function choicesOf(preferences: NoticePreferences): Choices {
  return preferences.channels;
}

export function orderOf(choices: Choices, quiet: QuietHours | null): NewNoticePreferences {
  return { channels: Object.fromEntries(Object.entries(choices).map(([kind, ids]) => [kind, [...ids]])), quiet };
}

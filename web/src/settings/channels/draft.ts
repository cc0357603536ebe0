/** A channel as it is written down, before it is one; and what changes about one. Pure. */
import type { Channel, ChannelChanges, ChannelKind, ChannelSettings, NewChannel, NoticeKind } from "@/api";

export const CHANNEL_KINDS = ["wecom", "dingtalk", "feishu", "sms", "webhook"] as const satisfies readonly ChannelKind[];

export interface ChannelDraft {
  name: string;
  kind: ChannelKind;
  /** neither is ever shown again: empty is what it was */
  url: string;
  secret: string;
  language: "zh" | "en";
  per_minute: string;
  notices: NoticeKind[];
  enabled: boolean;
  markdown: boolean;
  with_phones: boolean;
  method: string;
  content_type: string;
  /** a line for each: `name: value` */
  headers: string;
  body: string;
  ok_field: string;
  /** between commas */
  ok_values: string;
  again_values: string;
}

const SMS_BODY = '{"mobile": "{phone}", "content": "{text}", "id": "{id}"}';

export function draftOf(channel: Channel | null): ChannelDraft {
  const settings: ChannelSettings = channel?.settings ?? {};
  return {
    name: channel?.name ?? "",
    kind: channel?.kind ?? "wecom",
    url: "",
    secret: "",
    language: channel?.language ?? "zh",
    per_minute: channel?.per_minute ? String(channel.per_minute) : "",
    notices: [...(channel?.notices ?? [])],
    enabled: channel?.enabled ?? true,
    markdown: settings.format === "markdown",
    with_phones: settings.with_phones ?? false,
    method: settings.method ?? "POST",
    content_type: settings.content_type ?? "application/json",
    headers: Object.entries(settings.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join("\n"),
    body: settings.body || (channel ? "" : SMS_BODY),
    ok_field: settings.ok_field ?? "",
    ok_values: (settings.ok_values ?? []).join(", "),
    again_values: (settings.again_values ?? []).join(", "),
  };
}

export function isRobot(kind: ChannelKind): boolean {
  return kind === "wecom" || kind === "dingtalk" || kind === "feishu";
}

/** Only what a channel of the kind can have. */
export function settingsOf(draft: ChannelDraft): ChannelSettings {
  if (isRobot(draft.kind)) return { format: draft.markdown ? "markdown" : "text", with_phones: draft.with_phones };
  if (draft.kind !== "sms") return {};
  return {
    method: draft.method,
    content_type: draft.content_type.trim(),
    headers: headersOf(draft.headers),
    body: draft.body,
    ok_field: draft.ok_field.trim() || null,
    ok_values: wordsOf(draft.ok_values),
    again_values: wordsOf(draft.again_values),
  };
}

function headersOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.split(/:(.*)/s));
  return Object.fromEntries(lines.flatMap(([name, value]) => (name?.trim() && value !== undefined ? [[name.trim(), value.trim()]] : [])));
}

function wordsOf(text: string): string[] {
  return text.split(/[,，]/).map((word) => word.trim()).filter(Boolean);
}

export function newChannel(draft: ChannelDraft): NewChannel {
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    url: draft.url.trim(),
    secret: draft.secret.trim(),
    settings: settingsOf(draft),
    language: draft.language,
    notices: draft.notices,
    enabled: draft.enabled,
    ...(draft.per_minute ? { per_minute: Number(draft.per_minute) } : {}),
  };
}

/** Only what differs; a number of messages cannot be taken back to none. */
export function changesOf(channel: Channel, draft: ChannelDraft): ChannelChanges {
  const before = draftOf(channel);
  const differs = (name: keyof ChannelDraft): boolean => String(before[name]) !== String(draft[name]);
  const settings = JSON.stringify(settingsOf(before)) !== JSON.stringify(settingsOf(draft));
  return {
    ...(differs("name") ? { name: draft.name.trim() } : {}),
    ...(draft.url.trim() ? { url: draft.url.trim() } : {}),
    ...(draft.secret.trim() ? { secret: draft.secret.trim() } : {}),
    ...(differs("language") ? { language: draft.language } : {}),
    ...(differs("per_minute") && draft.per_minute ? { per_minute: Number(draft.per_minute) } : {}),
    ...(String([...before.notices].sort()) === String([...draft.notices].sort()) ? {} : { notices: draft.notices }),
    ...(differs("enabled") ? { enabled: draft.enabled } : {}),
    ...(settings ? { settings: settingsOf(draft) } : {}),
  };
}

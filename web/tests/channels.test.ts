import { expect, test } from "vitest";
import type { CalendarDay, Channel } from "@/api";
import { monthsOf } from "@/settings/calendar/months";
import { changesOf, draftOf, newChannel } from "@/settings/channels/draft";

const channel: Channel = {
  id: 1,
  name: "短信",
  kind: "sms",
  host: "https://sms.example",
  settings: { format: "text", with_phones: false, method: "POST", content_type: "application/json", headers: { authorization: "Bearer {secret}" }, body: "{}", ok_field: "code", ok_values: ["0", "00"], again_values: [] },
  language: "zh",
  notices: ["case_dispatched"],
  per_minute: 60,
  enabled: true,
  waiting: 0,
  created_at: "2026-11-27T02:00:00Z",
};

test("a channel that nobody has touched has no changes", () => {
  expect(changesOf(channel, draftOf(channel))).toEqual({});
});

test("only what differs is sent, and an address or secret only where it is replaced", () => {
  const draft = { ...draftOf(channel), enabled: false, secret: "new", ok_values: "0，1" };
  const settings = { ...channel.settings, ok_values: ["0", "1"] };
  delete settings.format;
  delete settings.with_phones;
  expect(changesOf(channel, draft)).toEqual({ enabled: false, secret: "new", settings });
});

test("headers are lines, of which what is none is left out", () => {
  const draft = { ...draftOf(channel), headers: "authorization: Basic a:b\n\nnothing" };
  expect(newChannel(draft).settings?.headers).toEqual({ authorization: "Basic a:b" });
});

test("a robot has nothing of a gateway", () => {
  const made = newChannel({ ...draftOf(null), kind: "feishu", name: " 城东 ", url: "https://open.feishu.cn/x" });
  expect(made.settings).toEqual({ format: "text", with_phones: false });
  expect(made).not.toHaveProperty("per_minute");
  expect(made.name).toBe("城东");
});

test("a month has whole weeks that begin on Monday", () => {
  const [january] = monthsOf(2026, []);
  expect(january?.[0]?.map((day) => day?.number ?? null)).toEqual([null, null, null, 1, 2, 3, 4]);
  expect(monthsOf(2028, []).flat(2).filter(Boolean)).toHaveLength(366);
});

test("a day is as its weekday is, but for what somebody says of it", () => {
  const made: CalendarDay = { date: "2026-01-04", is_working: true, name: "元旦", name_en: "New Year", source: "law" };
  const days = new Map(monthsOf(2026, [made]).flat(2).flatMap((day) => (day ? [[day.date, day.isWorking]] : [])));
  expect([days.get("2026-01-02"), days.get("2026-01-03"), days.get("2026-01-04")]).toEqual([true, false, true]);
});

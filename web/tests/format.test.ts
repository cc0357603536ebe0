import { expect, test } from "vitest";
import { createI18n } from "vue-i18n";
import { formatAge, formatArea, formatClock, formatDuration, formatHeading, formatLength, formatMoment, formatShare, formatSpeed } from "@/i18n/format";
import { languageOf } from "@/i18n";
import { en } from "@/i18n/en";
import { zh } from "@/i18n/zh";

test.each([
  [0, "刚刚", "just now"],
  [42, "42 秒前", "42 s ago"],
  [12 * 60 + 30, "12 分钟前", "12 min ago"],
  [3 * 3600 + 50 * 60, "3 小时前", "3 h ago"],
  [50 * 3600, "2 天前", "2 days ago"],
])("an age of %i s reads like speech", (age_s, chinese, english) => {
  expect(formatAge(age_s, "zh")).toBe(chinese);
  expect(formatAge(age_s, "en")).toBe(english);
});

test.each([
  [59, "59 秒", "59 s"],
  [3600, "1 小时", "1 h"],
  [3900, "1 小时 5 分", "1 h 5 min"],
  [86_400, "1 天", "1 day"],
  [93_600, "1 天 2 小时", "1 day 2 h"],
])("a duration of %i s has at most two units", (duration_s, chinese, english) => {
  expect(formatDuration(duration_s, "zh")).toBe(chinese);
  expect(formatDuration(duration_s, "en")).toBe(english);
});

test("lengths, areas and speeds carry their units", () => {
  expect(formatLength(84.4, "zh")).toBe("84 米");
  expect(formatLength(11_234, "en")).toBe("11.2 km");
  expect(formatArea(125_000, "zh")).toBe("12.5 公顷");
  expect(formatArea(5_070_000, "en")).toBe("5.07 km²");
  expect(formatSpeed(1.25, "en")).toBe("4.5 km/h");
});

test("a share is all only when it is all", () => {
  expect([formatShare(0.9999), formatShare(1), formatShare(0)]).toEqual(["99 %", "100 %", "0 %"]);
});

test("a heading is the nearest of eight, all around", () => {
  expect(formatHeading(359, "zh")).toBe("北");
  expect(formatHeading(-90, "en")).toBe("W");
});

test("a moment of today is a clock, another day has its date", () => {
  const now = new Date(2026, 10, 22, 14, 30).getTime();
  const earlier = new Date(2026, 10, 22, 9, 5, 7).getTime();
  expect(formatMoment(earlier, now, "zh")).toBe("09:05");
  expect(formatMoment(earlier - 86_400_000, now, "zh")).toBe("11月21日 09:05");
  expect(formatClock(earlier, true)).toBe("09:05:07");
});

test("Chinese unless the browser prefers English", () => {
  expect(languageOf(["fr-FR", "en-GB", "zh-CN"])).toBe("en");
  expect(languageOf(["zh-TW", "en"])).toBe("zh");
  expect(languageOf(["fr-FR"])).toBe("zh");
});

function keysOf(messages: object, prefix = ""): string[] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === "object" && value !== null ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

test("every text exists in both languages, with the same places to fill", () => {
  expect(keysOf(en).sort()).toEqual(keysOf(zh).sort());
  const placesOf = (messages: object): string[][] =>
    keysOf(messages).flatMap((path) => {
      const text = path.split(".").reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], messages);
      // Of one and of several are two forms of a text.
      const forms = String(text).split(" | ");
      return forms.map((form) => [path, ...(form.match(/\{\w+\}/g) ?? []).sort()]);
    });
  const [chinese, english] = [placesOf(zh), placesOf(en)];
  expect(english).toEqual(expect.arrayContaining(chinese));
  expect(chinese).toEqual(expect.arrayContaining(english));
});

test("every text can be shown: no sign in it means something else to the message format", () => {
  const { t, locale } = createI18n({ legacy: false, locale: "zh", messages: { zh, en } }).global;
  for (const language of ["zh", "en"] as const) {
    locale.value = language;
    for (const path of keysOf(zh)) expect(() => t(path), `${language} ${path}`).not.toThrow();
  }
});

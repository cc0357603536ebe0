/** The language of the page: the viewer's choice, else the browser's, else Chinese. */
import { computed, type ComputedRef, watchEffect } from "vue";
import { createI18n, useI18n } from "vue-i18n";
import { en } from "./en";
import {
  formatAge,
  formatArea,
  formatCount,
  formatDuration,
  formatFullTime,
  formatHeading,
  formatLength,
  formatMoment,
  formatSpeed,
  type Language,
} from "./format";
import { zh } from "./zh";

const KEPT_AS = "wangge.language";

export function languageOf(preferred: readonly string[]): Language {
  const first = preferred.map((tag) => tag.slice(0, 2).toLowerCase());
  return first.find((tag): tag is Language => tag === "zh" || tag === "en") ?? "zh";
}

export function createWords() {
  const kept = localStorage.getItem(KEPT_AS);
  const i18n = createI18n({
    legacy: false,
    locale: languageOf([...(kept ? [kept] : []), ...navigator.languages]),
    fallbackLocale: "zh",
    messages: { zh, en },
  });
  watchEffect(() => {
    const language = i18n.global.locale.value;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = i18n.global.t("product");
  });
  return i18n;
}

export interface Words {
  t: (key: string, values?: Record<string, string | number>) => string;
  /** The word for a code of the interface; an unknown code gives `otherwise`, never itself. */
  wordOf: (group: string, code: string | null | undefined, otherwise?: string) => string;
  language: ComputedRef<Language>;
  setLanguage: (language: Language) => void;
  age: (age_s: number) => string;
  duration: (duration_s: number) => string;
  length: (length_m: number) => string;
  area: (area_m2: number) => string;
  speed: (speed_mps: number) => string;
  heading: (heading_deg: number) => string;
  count: (count: number) => string;
  moment: (at_ms: number, now_ms: number) => string;
  fullTime: (at_ms: number) => string;
}

/** Texts and numbers in the viewer's language. */
export function useWords(): Words {
  const { t, te, locale } = useI18n();
  const language = computed<Language>(() => (locale.value === "en" ? "en" : "zh"));
  return {
    // "1 pair | {count} pairs": of one, or of any other number.
    t: (key, values) => (values ? t(key, values, Number(values["count"]) === 1 ? 1 : 2) : t(key)),
    wordOf: (group, code, otherwise = "—") =>
      code && te(`${group}.${code}`) ? t(`${group}.${code}`) : otherwise,
    language,
    setLanguage: (chosen) => {
      locale.value = chosen;
      localStorage.setItem(KEPT_AS, chosen);
    },
    age: (age_s) => formatAge(age_s, language.value),
    duration: (duration_s) => formatDuration(duration_s, language.value),
    length: (length_m) => formatLength(length_m, language.value),
    area: (area_m2) => formatArea(area_m2, language.value),
    speed: (speed_mps) => formatSpeed(speed_mps, language.value),
    heading: (heading_deg) => formatHeading(heading_deg, language.value),
    count: (count) => formatCount(count, language.value),
    moment: (at_ms, now_ms) => formatMoment(at_ms, now_ms, language.value),
    fullTime: (at_ms) => formatFullTime(at_ms, language.value),
  };
}

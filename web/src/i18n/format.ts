/** Numbers and times in words, with their units. Pure: the time and the language come in. */

export type Language = "zh" | "en";

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** "12 分钟" or "12 min": the two largest units that say something, rounded down. */
export function formatDuration(duration_s: number, language: Language): string {
  const s = Math.max(0, Math.floor(duration_s));
  const words =
    language === "zh"
      ? { s: " 秒", min: " 分钟", h: " 小时", d: " 天" }
      : { s: " s", min: " min", h: " h", d: s >= 2 * DAY_S ? " days" : " day" };
  if (s < MINUTE_S) return `${s}${words.s}`;
  if (s < HOUR_S) return `${Math.floor(s / MINUTE_S)}${words.min}`;
  if (s < DAY_S) {
    const minutes = Math.floor((s % HOUR_S) / MINUTE_S);
    const hours = `${Math.floor(s / HOUR_S)}${words.h}`;
    return minutes === 0 ? hours : `${hours} ${minutes}${language === "zh" ? " 分" : " min"}`;
  }
  const hours = Math.floor((s % DAY_S) / HOUR_S);
  const days = `${Math.floor(s / DAY_S)}${words.d}`;
  return hours === 0 ? days : `${days} ${hours}${words.h}`;
}

/** One unit is enough for an age: "刚刚", "12 分钟前", "3 h ago". */
export function formatAge(age_s: number, language: Language): string {
  if (age_s < 5) return language === "zh" ? "刚刚" : "just now";
  let text: string;
  if (age_s < HOUR_S) text = formatDuration(age_s, language);
  else if (age_s < DAY_S) text = formatDuration(age_s - (age_s % HOUR_S), language);
  else text = formatDuration(age_s - (age_s % DAY_S), language);
  return language === "zh" ? `${text}前` : `${text} ago`;
}

export function formatLength(length_m: number, language: Language): string {
  const [metre, kilometre] = language === "zh" ? ["米", "公里"] : ["m", "km"];
  if (length_m < 1000) return `${Math.round(length_m)} ${metre}`;
  const km = length_m / 1000;
  return `${km < 100 ? km.toFixed(1) : Math.round(km)} ${kilometre}`;
}

export function formatArea(area_m2: number, language: Language): string {
  const [hectare, square] = language === "zh" ? ["公顷", "平方公里"] : ["ha", "km²"];
  if (area_m2 < 1_000_000) return `${(area_m2 / 10_000).toFixed(1)} ${hectare}`;
  return `${(area_m2 / 1_000_000).toFixed(2)} ${square}`;
}

export function formatSpeed(speed_mps: number, language: Language): string {
  return `${(speed_mps * 3.6).toFixed(1)} ${language === "zh" ? "公里/时" : "km/h"}`;
}

const COMPASS = {
  zh: ["北", "东北", "东", "东南", "南", "西南", "西", "西北"],
  en: ["N", "NE", "E", "SE", "S", "SW", "W", "NW"],
} as const;

export function formatHeading(heading_deg: number, language: Language): string {
  const eighth = Math.round((((heading_deg % 360) + 360) % 360) / 45) % 8;
  return COMPASS[language][eighth] ?? "";
}

const LOCALES = { zh: "zh-CN", en: "en-GB" } as const;

/** The local clock: "14:03" or, with seconds, "14:03:27". */
export function formatClock(at_ms: number, withSeconds = false): string {
  const at = new Date(at_ms);
  const parts = [at.getHours(), at.getMinutes(), ...(withSeconds ? [at.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Today's times as a clock, other days with their date. */
export function formatMoment(at_ms: number, now_ms: number, language: Language): string {
  const at = new Date(at_ms);
  const now = new Date(now_ms);
  if (at.toDateString() === now.toDateString()) return formatClock(at_ms);
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  const day = at.toLocaleDateString(LOCALES[language], { ...year, month: "short", day: "numeric" });
  return `${day} ${formatClock(at_ms)}`;
}

/** What hovering shows: nothing left out. */
export function formatFullTime(at_ms: number, language: Language): string {
  return new Date(at_ms).toLocaleString(LOCALES[language], {
    dateStyle: "full",
    timeStyle: "long",
  });
}

export function formatLonLat(lon: number, lat: number): string {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
}

/** "83 %", rounded down: 100 % is all of it. */
export function formatShare(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

export function formatCount(count: number, language: Language): string {
  return count.toLocaleString(LOCALES[language]);
}

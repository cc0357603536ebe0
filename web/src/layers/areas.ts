/** Small areas in words: up to a hectare in square metres. Pure. */
import { formatArea, formatCount, type Language } from "@/i18n/format";

export function areaText(area_m2: number, language: Language): string {
  if (area_m2 >= 10_000) return formatArea(area_m2, language);
  const rounded = area_m2 < 10 ? Math.round(area_m2 * 10) / 10 : Math.round(area_m2);
  return `${formatCount(rounded, language)} ${language === "zh" ? "平方米" : "m²"}`;
}

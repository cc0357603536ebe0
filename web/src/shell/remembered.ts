/** Which layers this browser's viewer had on last. */
import { LAYERS, type LayerName } from "./link";

const KEPT_AS = "wangge.layers";

export interface RememberedLayers {
  layers: LayerName[];
  overlays: string[];
}

export function rememberedLayers(): RememberedLayers | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const words = (name: string): string[] => {
      const value: unknown = (kept as Record<string, unknown>)[name];
      return Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : [];
    };
    const layers = words("layers");
    return { layers: LAYERS.filter((name) => layers.includes(name)), overlays: words("overlays") };
  } catch {
    return null;
  }
}

export function rememberLayers({ layers, overlays }: RememberedLayers): void {
  localStorage.setItem(KEPT_AS, JSON.stringify({ layers, overlays }));
}

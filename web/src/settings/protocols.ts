import type { Crs } from "@/api";

/** What a device may speak; `wangge` is this server's own interface, `jt808` a terminal, the others are phone apps. */
export const PROTOCOLS = ["wangge", "traccar", "osmand", "owntracks", "jt808"] as const;

/** What its positions may be in, the usual first. */
export const CRS: readonly Crs[] = ["wgs84", "gcj02", "bd09", "cgcs2000"];

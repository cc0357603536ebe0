/** What a device may speak; `wangge` is this server's own interface. The first is the usual one. */
export const PROTOCOLS = ["wangge", "osmand", "owntracks", "jt808"] as const;

/** What a device may speak; `wangge` is this server's own interface. */
export const PROTOCOLS = ["wangge"] as const;

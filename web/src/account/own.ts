/** The drawer about one's own account. */
export const OWN_VIEWS = ["password", "totp", "sessions", "notices"] as const;
export type OwnView = (typeof OWN_VIEWS)[number];

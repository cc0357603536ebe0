/** The drawer about one's own account. */
export const OWN_VIEWS = ["password", "totp", "sessions"] as const;
export type OwnView = (typeof OWN_VIEWS)[number];

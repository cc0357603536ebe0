/** The sections of the page, and what they are divided into. */
export const SECTIONS = ["live", "replay", "cases", "grids", "duty", "figures", "settings"] as const;
export type Section = (typeof SECTIONS)[number];

export const TABS = ["accounts", "staff", "departments", "units", "roles", "categories", "channels", "calendar", "audit"] as const;
export type Tab = (typeof TABS)[number];

export const DUTY_TABS = ["plans", "coverage", "rosters", "inspections", "video"] as const;
export type DutyTab = (typeof DUTY_TABS)[number];

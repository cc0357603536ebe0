/** Reports in words. */
import type { Report, ReportKind } from "@/api";
import { useGridBook } from "@/grids/book";
import { useWords } from "@/i18n";
import { daysOf } from "./period";

export const REPORT_KINDS = ["week", "month", "quarter", "year"] as const satisfies readonly ReportKind[];

export interface ReportWords {
  /** "月报 2026-10-01 – 2026-10-31 · 安和镇" */
  title: (report: Report) => string;
  place: (report: Report) => string;
  days: (report: Report) => string;
  /** who made it when, and why there is another */
  made: (report: Report) => string;
}

export function useReportWords(): ReportWords {
  const { t, fullTime } = useWords();
  const grids = useGridBook();
  const place = ({ grid }: Report): string => (grid ? (grids.byCode.value.get(grid)?.name ?? grid) : t("figures.report.whole"));
  const days = ({ period }: Report): string => daysOf({ from: new Date(period.from), to: new Date(period.to) }).join(" – ");
  return {
    place,
    days,
    title: (report) => `${t(`figures.report.kinds.${report.kind}`)} ${days(report)} · ${place(report)}`,
    made: (report) => {
      const by = report.made_by ?? t("figures.report.itself");
      const version = report.version > 1 ? t("figures.report.version", { version: report.version, reason: report.reason ?? "" }) : "";
      return [t("figures.report.made", { time: fullTime(Date.parse(report.made_at)), by }), version].filter(Boolean).join(" · ");
    },
  };
}

"""Reports as files to hand on: a page, its print, and a workbook, in Chinese or English."""

from patrol.reports.printing.files import ReportFormat, filename, write_report
from patrol.reports.printing.printed import Language, Printed

__all__ = ["Language", "Printed", "ReportFormat", "filename", "write_report"]

"""The audit: who did what to what, from where and why; append-only, each record chained to the last."""

from data.audit.anchor import Anchor
from data.audit.listing import AuditFilter, AuditRecord, every_record, list_records
from data.audit.record import Who, record, record_look
from data.audit.verifying import Problem, Verification, verify

__all__ = [
    "Anchor",
    "AuditFilter",
    "AuditRecord",
    "Problem",
    "Verification",
    "Who",
    "every_record",
    "list_records",
    "record",
    "record_look",
    "verify",
]

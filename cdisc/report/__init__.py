"""Pages and texts for people: findings, ledger, terms, counts."""

from cdisc.report.html import render_findings_html, render_inbox_html, render_index
from cdisc.report.inbox import render_inbox_json, render_inbox_text
from cdisc.report.model import (
    DatasetLine,
    DocumentLine,
    LedgerField,
    LedgerForm,
    LedgerUse,
    Report,
    UnmappedTerm,
    without_values,
)
from cdisc.report.text import (
    render_counts,
    render_findings_json,
    render_findings_text,
    render_ledger_text,
)

__all__ = [
    "DatasetLine",
    "DocumentLine",
    "LedgerField",
    "LedgerForm",
    "LedgerUse",
    "Report",
    "UnmappedTerm",
    "render_counts",
    "render_findings_html",
    "render_findings_json",
    "render_findings_text",
    "render_inbox_html",
    "render_inbox_json",
    "render_inbox_text",
    "render_index",
    "render_ledger_text",
    "without_values",
]

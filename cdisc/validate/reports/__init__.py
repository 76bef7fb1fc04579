"""What a validation found, for people and for machines: text, JSON, Excel, HTML, SARIF."""

from cdisc.validate.reports.html import render_html
from cdisc.validate.reports.machine import json_report, render_json, render_sarif
from cdisc.validate.reports.model import Coverage, Validation
from cdisc.validate.reports.terminal import render_text
from cdisc.validate.reports.workbook import write_workbook

__all__ = [
    "Coverage",
    "Validation",
    "json_report",
    "render_html",
    "render_json",
    "render_sarif",
    "render_text",
    "write_workbook",
]

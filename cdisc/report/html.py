"""The pages for people: self-contained HTML without script, safe for hostile values."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from cdisc.diagnostics import Diagnostic, catalogue
from cdisc.pages import templates_in
from cdisc.report.inbox import Inbox
from cdisc.report.model import Report
from cdisc.report.text import SEVERITIES, count, render_counts, severity_counts

if TYPE_CHECKING:
    import jinja2


def render_index(context: Report) -> str:
    """Write the one page to open first.

    Args:
        context: What the page shows. Paths in it are relative to the page.

    Returns:
        HTML 5 that loads nothing and runs nothing.
    """
    return (
        _environment()
        .get_template("index.html")
        .render(
            report=context, by_dataset=_by_dataset(context.findings), **_shared(context.findings)
        )
    )


def render_findings_html(findings: tuple[Diagnostic, ...], *, title: str = "Findings") -> str:
    """Write the findings alone as a page.

    Args:
        findings: In any order; they are grouped by severity.
        title: Heading of the page.
    """
    return (
        _environment()
        .get_template("findings.html")
        .render(title=title, by_dataset=_by_dataset(findings), **_shared(findings))
    )


def render_inbox_html(inbox: Inbox) -> str:
    """Write the terms inbox as a page.

    Args:
        inbox: What waits; a page without values says so.
    """
    return _environment().get_template("inbox.html").render(inbox=inbox)


def _shared(findings: tuple[Diagnostic, ...]) -> dict[str, object]:
    # what waits for somebody first, then what somebody has looked at
    ordered = sorted(findings, key=lambda one: one.explained is not None)
    return {
        "groups": [
            (severity, [one for one in ordered if one.severity == severity])
            for severity in SEVERITIES
        ],
        "counts": severity_counts(findings),
        "counted": render_counts(findings),
        "catalogue": catalogue(),
    }


def _by_dataset(findings: tuple[Diagnostic, ...]) -> list[tuple[str, list[int]]]:
    """Count the findings of each dataset by severity, and those that nobody has explained.

    Those that are open come first, then the order is that of first occurrence.
    """
    counted = []
    for name in dict.fromkeys(one.dataset or "" for one in findings):
        own = [one for one in findings if (one.dataset or "") == name]
        is_open = sum(one.explained is None for one in own)
        counted.append((name, [*severity_counts(own).values(), is_open]))
    return sorted(counted, key=lambda one: one[1][-1] == 0)


@cache
def _environment() -> "jinja2.Environment":
    environment = templates_in(Path(__file__).parent / "templates")
    environment.filters["count"] = count
    environment.filters["number"] = "{:,}".format
    # A colon is quoted too, so that no path can name a scheme.
    environment.filters["path"] = quote
    return environment

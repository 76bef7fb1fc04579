"""A validation as one HTML file: filters by dataset, severity, rule and text, no server."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cdisc.pages import templates_in
from cdisc.validate.reports.model import Validation
from cdisc.validate.rules.model import GRADES

if TYPE_CHECKING:
    import jinja2


def render_html(validation: Validation) -> str:
    """Write the page; without script it shows everything, with script it can be filtered."""
    findings = validation.findings
    return (
        _environment()
        .get_template("validation.html")
        .render(
            validation=validation,
            counts=validation.counts(),
            grades=GRADES,
            names=sorted({one.dataset for one in findings if one.dataset}),
            rules=sorted({one.code for one in findings}),
        )
    )


@cache
def _environment() -> "jinja2.Environment":
    environment = templates_in(Path(__file__).parent / "templates")
    environment.filters["number"] = "{:,}".format
    return environment

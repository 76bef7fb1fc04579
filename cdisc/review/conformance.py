"""A package that is being built, judged as it will be outside: for its reports and guides."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from cdisc.package import relist
from cdisc.review.validation import Asked, run_validation
from cdisc.validate.reports import Validation, render_html, render_json
from cdisc.validate.rules import Finding

CONFORMANCE = Path("reports") / "conformance.json"


def write_conformance(
    package: Path,
    study: Path,
    day: dt.date,
    threads: int | None = None,
    progress: Callable[[str], None] = lambda _said: None,
) -> Validation:
    """Validate a package as `cdisc validate` does, and write what is found into its reports.

    Args:
        package: The folder of the package, wherever it lies now.
        study: Folder of the mapping that made it, which has the explanations.
        day: The day against which explanations are held.
        threads: Threads of the database; the findings do not depend on it.
        progress: Told what is being worked on.

    Returns:
        The findings, none of which tells where the package lies. ``conformance.json`` and
        ``conformance.html`` in ``reports`` hold them, and the manifest lists both.
    """
    found = run_validation(package, day, Asked(study=study, threads=threads), progress)
    inside = tuple(_inside(one, package) for one in found.findings)
    found = dataclasses.replace(found, package=study.name, findings=inside)
    path = package / CONFORMANCE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_json(found), encoding="utf-8", newline="\n")
    page = path.with_suffix(".html")
    page.write_text(render_html(found), encoding="utf-8", newline="\n")
    relist(package)
    return found


def _inside(one: Finding, package: Path) -> Finding:
    """Return a finding with places as they are in the package."""
    here = package.as_posix()

    def told(text: str) -> str:
        return text.replace(f"{here}/", "").replace(here, ".")

    return dataclasses.replace(
        one, place=told(one.place), message=told(one.message), help=told(one.help)
    )

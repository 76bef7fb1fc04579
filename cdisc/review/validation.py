"""One run of a validation: judged, explained, pointed at its origins, held against the last."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cdisc import __version__
from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import RawDataError, SpecError
from cdisc.package.check import check_package
from cdisc.review.judgement import judge
from cdisc.review.official import run_official
from cdisc.review.origins import origins_of, with_origins
from cdisc.review.published import Published
from cdisc.spec.study import ExplainedFile, ExplanationBlock
from cdisc.validate.findings import (
    compared_with,
    explain_findings,
    from_diagnostic,
    from_json,
    hidden,
    in_order,
)
from cdisc.validate.reports import Validation
from cdisc.validate.rules import Finding

_ASKED_WRONGLY = frozenset({"RAW017", "XPT017"})  # no package, no encoding: nothing to judge


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run.

    Attributes:
        study: Folder of the mapping that made the package, or None.
        explained: File of findings that stay, or None.
        previous: JSON report of the run before, or None.
        core: Executable of the CDISC rules engine, or None.
        encoding: Encoding of text in transport files.
        imported: Folder of imported terminology, or None.
        threads: Threads of the database.
        no_values: Whether values of the data are left out.
        own: Whether rules and checks of ours are run.
        published: The published rules to run too, or None.
    """

    study: Path | None = None
    explained: Path | None = None
    previous: Path | None = None
    core: Path | None = None
    encoding: str = "ascii"
    imported: Path | None = None
    threads: int | None = None
    no_values: bool = False
    own: bool = True
    published: Published | None = None


def run_validation(
    package: Path, day: dt.date, asked: Asked, progress: Callable[[str], None]
) -> Validation:
    """Validate a package.

    Args:
        package: The package, a folder or a file.
        day: The day against which explanations are held.
        asked: What is asked.
        progress: Told what is being worked on.

    Raises:
        RawDataError: RAW017, there is no file of a dataset.
        SpecError: A file of explanations, of the mapping or of the run before is wrong.
        StandardNotFoundError: The rules engine that was named cannot be run.
    """
    reasons: list[ExplanationBlock] = list(_explanations(asked.explained))
    before = _previous(asked.previous)
    origins = origins_of(asked.study) if asked.study else None
    judged = judge(
        package,
        encoding=asked.encoding,
        imported=asked.imported or (origins.imported if origins is not None else None),
        threads=asked.threads,
        progress=progress,
        published=asked.published,
        own=asked.own,
    )
    if not judged.datasets and all(one.code in _ASKED_WRONGLY for one in judged.findings):
        raise RawDataError(
            [Diagnostic(one.code, one.message, help=one.help) for one in judged.findings]
        )
    findings = list(judged.findings)
    if asked.own:
        findings += _of_folders(package)
    if asked.core is not None:
        progress("CDISC rules engine")
        findings += run_official(asked.core, package, judged.standards)
    if origins is not None:
        findings = list(with_origins(findings, origins))
        reasons += [block for block, _span in origins.explanations]
    explained, vain, over = explain_findings(findings, reasons, day)
    named = {one.finding for one in _explanations(asked.explained)}
    said = [
        *explained,
        *(_vain(one) for one in vain if one.finding in named),
        *(_over(one) for one in over),
    ]
    marked = compared_with(said, before) if before is not None else said
    shown = hidden(marked) if asked.no_values else marked
    return Validation(
        package=package.name or package.resolve().name,
        findings=in_order(shown),
        datasets=judged.datasets,
        standards=judged.standards,
        rules=judged.rules,
        version=__version__,
        published=judged.published,
    )


def _of_folders(package: Path) -> list[Finding]:
    """Return what is wrong with names, sizes and folders of what is to be handed in.

    Folders that are not below ``m5`` are nobody's to judge.
    """
    if package.name != "m5" and not (package / "m5").is_dir():
        return []
    return [from_diagnostic(one) for one in check_package(package)]


def _vain(one: ExplanationBlock) -> Finding:
    fact = f"no finding {one.finding}{f' of {one.where}' if one.where else ''} is explained"
    return from_diagnostic(Diagnostic("DATA036", fact, help="remove the explanation"))


def _over(one: ExplanationBlock) -> Finding:
    fact = f"the explanation of {one.finding} held until {one.until}"
    return from_diagnostic(Diagnostic("DATA037", fact))


def _explanations(path: Path | None) -> Sequence[ExplanationBlock]:
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  makes text only
        return ExplainedFile.model_validate(content).explained
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        place = Span(path.as_posix(), 1, 1, 1)
        raise SpecError([Diagnostic("SPEC001", " ".join(str(error).split()), place)]) from error


def _previous(path: Path | None) -> Sequence[Mapping[str, Any]] | None:
    if path is None:
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found: Sequence[Mapping[str, Any]] = content["findings"]
        for one in found:
            from_json(one)
    except (OSError, ValueError, KeyError, TypeError) as error:
        place = Span(path.as_posix(), 1, 1, 1)
        fact = "this is no report that validate wrote as JSON"
        raise SpecError([Diagnostic("SPEC001", fact, place)]) from error
    return found

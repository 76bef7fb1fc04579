"""The CDISC rules engine as another judge: run as a process, its findings in our shape.

It is a program of its own (https://github.com/cdisc-org/cdisc-rules-engine) with its own
Python and its own cache of rules; nothing of it is imported.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic
from cdisc.engine.lines import read_specs
from cdisc.errors import StandardNotFoundError
from cdisc.review.folder import DEFINE
from cdisc.validate.evidence import show
from cdisc.validate.rules import Finding

_SHOWN = 5
_LONGEST = 4 * 60 * 60  # seconds
_GUIDE = re.compile(r"(SDTMIG|ADaMIG) (\S+)")
_RELEASE = re.compile(r"CT (\S+) (\S+)")


def run_official(engine: Path, package: Path, standards: Sequence[str]) -> tuple[Finding, ...]:
    """Return what the CDISC rules engine finds in each folder of datasets.

    Args:
        engine: Its executable, or its ``core.py``.
        package: The package.
        standards: What the package follows, such as ``SDTMIG 3.4`` and ``CT sdtm 2025-03-28``.

    Raises:
        StandardNotFoundError: STD009, it cannot be run or gives no report.
    """
    found: list[Finding] = []
    guides = [one for text in standards if (one := _GUIDE.fullmatch(text))]
    for folder in sorted({path.parent for path in package.rglob("*.xpt")}):
        guide = _guide_of(folder, guides)
        if guide is not None:
            found += _findings(_run(engine.resolve(), folder.resolve(), guide, standards))
    return tuple(found)


def _guide_of(folder: Path, guides: Sequence[re.Match[str]]) -> re.Match[str] | None:
    if len(guides) == 1:
        return guides[0]
    analysis = "adam" in folder.as_posix().lower()
    wanted = "ADaMIG" if analysis else "SDTMIG"
    return next((one for one in guides if one[1] == wanted), None)


def _run(
    engine: Path, folder: Path, guide: re.Match[str], standards: Sequence[str]
) -> Mapping[str, Any]:
    releases = [one for text in standards if (one := _RELEASE.fullmatch(text))]
    command = [*_program(engine), "validate", "-s", guide[1].lower()]
    command += ["-v", guide[2].replace(".", "-"), "-d", str(folder), "-of", "JSON"]
    command += ["-p", "disabled"]
    for one in releases:
        command += ["-ct", f"{one[1]}ct-{one[2]}"]
    if (folder / DEFINE).is_file():
        command += ["-dxp", str(folder / DEFINE)]
    with tempfile.TemporaryDirectory() as made:
        report = Path(made) / "report"
        try:
            done = subprocess.run(  # noqa: S603  the program that the user names, no shell
                [*command, "-o", str(report)],
                cwd=engine.parent,
                capture_output=True,
                check=False,
                timeout=_LONGEST,
            )
            content: Mapping[str, Any] = json.loads(
                report.with_suffix(".json").read_text(encoding="utf-8")
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = _last(done.stderr) if "done" in locals() else str(error)
            fact = f'the rules engine "{engine.name}" gave no report'
            raise StandardNotFoundError([Diagnostic("STD009", fact, found=(said,))]) from error
        except ValueError as error:
            fact = f'the report of the rules engine "{engine.name}" cannot be read'
            raise StandardNotFoundError([Diagnostic("STD009", fact)]) from error
    return content


def _program(engine: Path) -> list[str]:
    """Return how to run it: a script by the Python of the environment that lies beside it."""
    if engine.suffix != ".py":
        return [str(engine)]
    own = engine.parent / ".venv" / "bin" / "python"
    return [str(own) if own.is_file() else "python3", str(engine)]


def _last(said: bytes) -> str:
    lines = said.decode("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing was said"


def _findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield one finding for each rule, dataset and message, all its records together."""
    details = report.get("Issue_Details") or report.get("issue_Details") or []
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in details:
        key = (str(one.get("core_id")), str(one.get("dataset") or ""), str(one.get("message")))
        groups.setdefault(key, []).append(one)
    severity = read_specs("validation.yaml")["official"]
    for (code, file, message), issues in sorted(groups.items()):
        variables = [str(name) for name in issues[0].get("variables") or ()]
        rows = [int(one["row"]) for one in issues if str(one.get("row", "")).isdigit()]
        subjects = {str(one["USUBJID"]) for one in issues if one.get("USUBJID")}
        yield Finding(
            code=code,
            severity=severity,
            message=message,
            dataset=Path(file).stem.upper(),
            variable=variables[0] if len(variables) == 1 else "",
            records=len(rows),
            subjects=len(subjects),
            first=tuple(sorted(rows)[:_SHOWN]),
            values=tuple(dict.fromkeys(_values(one, variables) for one in issues))[:_SHOWN],
            source=f"CDISC rules engine, {code}",
            engine="core",
        )


def _values(issue: Mapping[str, Any], variables: Sequence[str]) -> str:
    values = [str(one) for one in issue.get("values") or ()]
    pairs = zip(variables, values, strict=False)
    return ", ".join(f"{name} {show(value)}" for name, value in pairs)

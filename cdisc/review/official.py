"""The CDISC rules engine as another judge: run as a process, its findings in our shape.

It is a program of its own (https://github.com/cdisc-org/cdisc-rules-engine) with its own
Python and its own cache of rules; nothing of it is imported.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic
from cdisc.engine.lines import read_specs
from cdisc.errors import StandardNotFoundError
from cdisc.review.folder import DEFINE
from cdisc.validate.evidence import show
from cdisc.validate.rules import Finding, Grade, load_rules
from cdisc.validate.rules.model import GRADES
from cdisc.validate.rules.presence import load_presence

_SHOWN = 5
_LONGEST = 4 * 60 * 60  # seconds
_GUIDE = re.compile(r"(SDTMIG|ADaMIG) (\S+)")
_RELEASE = re.compile(r"CT (\S+) (\S+)")
_DEFINE_VERSION = re.compile(rb"DefineVersion=[\"'](2\.\d)")
_NUMBER = re.compile(r"\b(?:CG|FB)\d+\b")
_HEAD = 65_536


def run_official(engine: Path, package: Path, standards: Sequence[str]) -> tuple[Finding, ...]:
    """Return what the CDISC rules engine finds in each folder of datasets.

    Args:
        engine: Its executable, or its ``core.py``.
        package: The package.
        standards: What the package follows, such as ``SDTMIG 3.4`` and ``CT sdtm 2025-03-28``.

    Returns:
        One finding for each rule, dataset and message. It is as grave as our rule that
        names the same number of an authority, else as ``official`` in
        ``specs/validation.yaml`` says.

    Raises:
        StandardNotFoundError: STD009, it cannot be run or gives no report.
    """
    found: list[Finding] = []
    guides = [one for text in standards if (one := _GUIDE.fullmatch(text))]
    folders: dict[Path, list[Path]] = {}
    for path in _data(package):
        folders.setdefault(path.parent, []).append(path)
    for folder, files in folders.items():
        guide = _guide_of(folder, guides)
        if guide is not None:
            found += _findings(_run(engine.resolve(), files, guide, standards))
    return tuple(found)


def _data(package: Path) -> list[Path]:
    """Return the datasets: transport files, and Dataset-JSON where there are none."""
    if package.is_file():
        return [package]
    files = sorted(path for path in package.rglob("*") if path.is_file())
    transport = [path for path in files if path.suffix.lower() == ".xpt"]
    return transport or [
        path for path in files
        if path.suffix.lower() in {".json", ".ndjson"} and b"datasetJSON" in _head(path)
    ]  # fmt: skip


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _guide_of(folder: Path, guides: Sequence[re.Match[str]]) -> re.Match[str] | None:
    if len(guides) == 1:
        return guides[0]
    analysis = "adam" in folder.as_posix().lower()
    wanted = "ADaMIG" if analysis else "SDTMIG"
    return next((one for one in guides if one[1] == wanted), None)


def _run(
    engine: Path, files: Sequence[Path], guide: re.Match[str], standards: Sequence[str]
) -> Mapping[str, Any]:
    command = [*_program(engine), "validate", "-s", guide[1].lower()]
    command += ["-v", guide[2].replace(".", "-"), "-of", "JSON", "-p", "disabled"]
    command += ["-ps", str(os.cpu_count() or 1)]
    for path in files:
        command += ["-dp", str(path.resolve())]
    define = files[0].resolve().parent / DEFINE
    version = None
    if define.is_file():
        command += ["-dxp", str(define)]
        version = found[1] if (found := _DEFINE_VERSION.search(_head(define))) else None
    command += [part for one in _releases(standards, version) for part in ("-ct", one)]
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


def _releases(standards: Sequence[str], define: bytes | None) -> list[str]:
    """Return the packages of terminology to name.

    The engine takes them from a define.xml of version 2.1, and refuses them beside it; beside
    one of 2.0 it takes one.
    """
    named = [one for text in standards if (one := _RELEASE.fullmatch(text))]
    names = [f"{one[1]}ct-{one[2]}" for one in named]
    if define == b"2.1":
        return []
    return names[:1] if define is not None else names


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
    rules = {str(one.get("core_id")): one for one in report.get("Rules_Report") or ()}
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in report.get("Issue_Details") or ():
        if isinstance(one.get("variables"), list):  # else the rule broke off
            key = (str(one.get("core_id")), str(one.get("dataset") or ""), str(one.get("message")))
            groups.setdefault(key, []).append(one)
    usual: Grade = read_specs("validation.yaml")["official"]
    for (code, file, message), issues in sorted(groups.items()):
        variables = [str(name) for name in issues[0]["variables"]]
        rows = [int(one["row"]) for one in issues if str(one.get("row", "")).isdigit()]
        subjects = {str(one["USUBJID"]) for one in issues if one.get("USUBJID")}
        numbers = _numbers(rules.get(code, {}))
        grades = [_grades()[number] for number in numbers if number in _grades()]
        yield Finding(
            code=code,
            severity=min(grades, key=GRADES.index, default=usual),
            message=message,
            dataset=Path(file).stem.upper(),
            variable=variables[0] if len(variables) == 1 else "",
            records=len(rows),
            subjects=len(subjects),
            first=tuple(sorted(rows)[:_SHOWN]),
            values=tuple(dict.fromkeys(_values(one, variables) for one in issues))[:_SHOWN],
            source=", ".join((f"CDISC rules engine, {code}", *numbers)),
            engine="core",
        )
    yield from _broken(report)


def _broken(report: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield on which datasets rules broke off: their silence there says nothing."""
    broken: dict[str, set[str]] = {}
    for one in report.get("Issue_Details") or ():
        if not isinstance(one.get("variables"), list):
            broken.setdefault(str(one.get("dataset") or ""), set()).add(str(one.get("core_id")))
    for file, codes in sorted(broken.items()):
        which = "1 rule" if len(codes) == 1 else f"{len(codes)} rules"
        yield Finding(
            code="CORE",
            severity="notice",
            message=f"{which} of the CDISC rules engine broke off",
            dataset=Path(file).stem.upper(),
            values=tuple(sorted(codes)[:_SHOWN]),
            help="run the engine by itself to see why",
            source="CDISC rules engine",
            engine="core",
        )


def _numbers(rule: Mapping[str, Any]) -> list[str]:
    """Return the numbers that CDISC and FDA give a rule."""
    said = f"{rule.get('cdisc_rule_id') or ''} {rule.get('fda_rule_id') or ''}"
    return list(dict.fromkeys(_NUMBER.findall(said)))


@cache
def _grades() -> Mapping[str, Grade]:
    """Return how grave our rules are that name a number; of several the gravest."""
    said = [(one.source, one.severity) for one in load_rules("sdtm")]
    said += [(one.source, one.severity) for one in load_presence("sdtm")]
    found: dict[str, Grade] = {}
    for source, grade in said:
        for number in _NUMBER.findall(source):
            found[number] = min(grade, found.get(number, "notice"), key=GRADES.index)
    return found


def _values(issue: Mapping[str, Any], variables: Sequence[str]) -> str:
    values = [str(one) for one in issue.get("values") or ()]
    pairs = zip(variables, values, strict=False)
    return ", ".join(f"{name} {show(value)}" for name, value in pairs)

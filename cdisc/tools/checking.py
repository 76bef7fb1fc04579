"""The mapping files of a study, judged before any data: mistakes and warnings together."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic, in_file_order
from cdisc.engine.program import Program
from cdisc.engine.proof import prove
from cdisc.engine.resolve import attempt
from cdisc.errors import SpecError
from cdisc.spec import LoadedStudy, load_study


@dataclasses.dataclass(frozen=True)
class Checked:
    """A study without mistakes.

    Attributes:
        program: The study.
        findings: Warnings and notes, in the order of the files.
    """

    program: Program
    findings: tuple[Diagnostic, ...]


def check(study: Path, raw: Path | None = None) -> Checked:
    """Check the mapping files of a study.

    Args:
        study: Folder with ``study.yaml``.
        raw: Folder with the raw files, to check the names of fields too; or None.

    Raises:
        SpecError: Every mistake of every file, with the warnings about what is sound.
        StandardNotFoundError: A pinned standard is not carried.
    """
    loaded = load_study(study)
    program, mistakes = attempt(loaded, None)
    if raw and not mistakes:
        program, mistakes = attempt(loaded, _fields(loaded, raw))
    findings = prove(program, mistakes)
    if mistakes:
        raise SpecError(in_file_order([*mistakes, *findings]))
    return Checked(program, findings)


def _fields(loaded: LoadedStudy, raw: Path) -> dict[str, Sequence[str]]:
    """Return the names of the fields of each form, from the raw files."""
    from cdisc.raw import read_study  # noqa: PLC0415  only where there are data to read

    return {form.name: form.table.column_names for form in read_study(loaded, raw).forms}

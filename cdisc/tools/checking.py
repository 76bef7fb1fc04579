"""The mapping files of a study, judged before any data: mistakes and warnings together."""

from collections.abc import Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic, in_file_order
from cdisc.engine.program import Program
from cdisc.engine.proof import prove
from cdisc.engine.resolve import attempt
from cdisc.errors import SpecError
from cdisc.record import record
from cdisc.spec import LoadedStudy, load_study
from cdisc.spec.layers import library_files
from cdisc.tools.memo import Looked, Outcome


@record()
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


def outcome_of(checked: Checked) -> Outcome:
    """Return what a check says."""
    # the stages of a dataset are no datasets to those who ask
    datasets = [one for one in checked.program.datasets.values() if one.of is None]
    return Outcome(checked.findings, len(datasets), sum(len(one.variables) for one in datasets))


def looked_at(loaded: LoadedStudy) -> Looked | None:
    """Return where a check looks beside the folder of a study; None if nobody can say."""
    if loaded.study.functions:
        return None  # packages may look wherever they like
    pinned, ct = loaded.study.standards, loaded.ct_folder
    releases = [f"sdtm-{pinned.ct}", *([f"adam-{pinned.adamct}"] if pinned.adamct else [])]
    return Looked(
        tuple(layer.folder for layer in loaded.layers[1:]),
        (
            *(ct / one for one in releases),
            *map(loaded.dictionary_folder, loaded.study.dictionaries),
        ),
        tuple(path for layer in loaded.layers for path in library_files(layer)),
    )


def _fields(loaded: LoadedStudy, raw: Path) -> dict[str, Sequence[str]]:
    """Return the names of the fields of each form, from the raw files."""
    from cdisc.raw import read_study  # noqa: PLC0415  only where there are data to read

    return {form.name: form.table.column_names for form in read_study(loaded, raw).forms}

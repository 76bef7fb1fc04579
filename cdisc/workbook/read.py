"""A workbook to the files of a study: those that it was written from, or a skeleton.

A workbook of ours holds every file of its study line by line. Nothing is lost, comments
included: without a change by a person the files are the same, byte for byte. A workbook
of others becomes mapping files to fill in.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError, SpecError
from cdisc.workbook.cells import Table, read_book
from cdisc.workbook.changes import Applied, Changes
from cdisc.workbook.skeleton import skeleton
from cdisc.workbook.write import FILES, WRITTEN


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a workbook says.

    Attributes:
        files: Text of each file of the study, by its path inside the folder.
        findings: What was changed, assumed or not read.
        to_write: Lines that a person has still to write.
        ours: The workbook was written by this program, and holds the files.
    """

    files: Mapping[str, str]
    findings: tuple[Diagnostic, ...]
    to_write: int = 0
    ours: bool = False

    def write(self, folder: Path) -> None:
        """Write every file, or none.

        Raises:
            OutputError: OUT008, one is there already; OUT003, the disk refuses.
        """
        there = [folder / name for name in self.files if (folder / name).exists()]
        if there:
            facts = [f'"{path.as_posix()}" is there already' for path in there]
            raise OutputError([Diagnostic("OUT008", fact) for fact in facts])
        for name, text in self.files.items():
            path = folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                fact = f'cannot write "{path.as_posix()}": {error.strerror}'
                raise OutputError([Diagnostic("OUT003", fact)]) from error


def read_workbook(path: Path) -> Reading:
    """Read a workbook.

    Args:
        path: An Excel file, of ours or of others, in either layout.

    Raises:
        SpecError: WBK001, it is no Excel file; WBK004, a sheet that is needed is not there
            or not whole.
    """
    tables = read_book(path, exact=(FILES, WRITTEN))
    if FILES not in tables or WRITTEN not in tables:
        made = skeleton(tables, path.name)
        return Reading(made.files, made.findings, made.to_write)
    applied = Applied(_files(tables[FILES]))
    applied.apply(Changes(tables, path.name))
    applied.findings += [
        Diagnostic("WBK005", f'"{name}" has formulas, which are not read', found=one.formulas)
        for name, one in tables.items()
        if one.formulas
    ]
    return Reading(applied.files, tuple(applied.findings), ours=True)


def _files(table: Table) -> dict[str, str]:
    """Return the texts of the files.

    Raises:
        SpecError: WBK004, lines are missing or written twice, or a name leads elsewhere.
    """
    lines: dict[str, dict[str, str]] = defaultdict(dict)
    wrong: list[Diagnostic] = []
    for name, number, text in (row[:3] for row in table.rows):
        if number in lines[name]:
            wrong.append(Diagnostic("WBK004", f'"{FILES}" has line {number} of "{name}" twice'))
        lines[name][number] = text
    wrong += [one for name, some in lines.items() for one in _not_whole(name, some)]
    if "study.yaml" not in lines:
        wrong.append(Diagnostic("WBK004", f'"{FILES}" has no study.yaml'))
    if wrong:
        raise SpecError(wrong)
    return {
        name: "\n".join(some[str(at)] for at in range(1, len(some) + 1))
        for name, some in lines.items()
    }


def _not_whole(name: str, lines: Mapping[str, str]) -> Iterator[Diagnostic]:
    wanted = {str(at) for at in range(1, len(lines) + 1)}
    if set(lines) != wanted:
        missing = sorted(wanted - set(lines), key=int)
        fact = f'"{FILES}" does not have every line of "{name}"'
        yield Diagnostic("WBK004", fact, found=tuple(f"no line {one}" for one in missing[:3]))
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name:
        yield Diagnostic("WBK004", f'"{name}" is no file inside the folder of a study')

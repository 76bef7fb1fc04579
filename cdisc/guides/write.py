"""The guides of a package to their places, and never over what a person wrote."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.guides.build import build_guide
from cdisc.guides.facts import gather
from cdisc.guides.html import render_guide_html
from cdisc.guides.keeping import Kept
from cdisc.guides.model import Guide
from cdisc.guides.word import is_edited, left_to_write, merge_guide_docx, render_guide_docx
from cdisc.package import relist


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A guide that was written.

    Attributes:
        path: The Word file; the page lies beside it.
        to_write: How many things a person has still to write.
        findings: What was taken over from the guide that was there.
    """

    path: Path
    to_write: int
    findings: tuple[Diagnostic, ...] = ()


def write_guides(
    package: Path,
    out: Path | None = None,
    *,
    replace: bool = False,
    keep: bool = False,
    encoding: str = "ascii",
) -> tuple[Written, ...]:
    """Write the reviewer's guides of a package, as Word files and as pages.

    Args:
        package: A package, or a folder with define.xml and transport files.
        out: Folder for the guides; beside each define.xml by default, and then in the manifest.
        replace: Write over a Word file that a person edited.
        keep: Take over what a person wrote into a Word file that is there.
        encoding: Encoding of text in the transport files.

    Returns:
        The guides, that of the tabulation data first.

    Raises:
        RawDataError: GDE001, there is no define.xml.
        OutputError: GDE002, a Word file was edited and neither `replace` nor `keep` is true;
            GDE004, what it says cannot be taken over; OUT003, the disk refuses.
    """
    made = [
        (build_guide(facts), out or facts.folder) for facts in gather(package, encoding=encoding)
    ]
    places = [folder / f"{guide.file}.docx" for guide, folder in made]
    if not replace and not keep:
        _require_unedited(places)
    contents = [
        _merged(guide, path) if keep and path.exists() and is_edited(path) else (guide, None, ())
        for (guide, _), path in zip(made, places, strict=True)
    ]
    found = []
    for (guide, word, findings), path in zip(contents, places, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(word or render_guide_docx(guide))
            page = render_guide_html(guide)
            path.with_suffix(".html").write_text(page, encoding="utf-8", newline="\n")
        except OSError as error:
            fact = f'cannot write "{path.as_posix()}": {error.strerror}'
            raise OutputError([Diagnostic("OUT003", fact)]) from error
        left = left_to_write(path)
        found.append(Written(path, guide.to_write if left is None else left, findings))
    if out is None:
        relist(package)
    return tuple(found)


def unwritten(package: Path) -> tuple[Diagnostic, ...]:
    """Return how much is still to be written in the guides that lie in a folder (GDE005)."""
    counted = ((path, left_to_write(path)) for path in sorted(package.rglob("*.docx")))
    return tuple(
        Diagnostic("GDE005", f'{left} texts of "{path.name}" are to be written')
        for path, left in counted
        if left
    )


def _merged(guide: Guide, path: Path) -> tuple[Guide, bytes, tuple[Diagnostic, ...]]:
    """Return a guide with what a person wrote into the one that is there."""
    content, kept = merge_guide_docx(guide, path)
    return guide, content, tuple(_taken(path, one) for one in kept)


def _taken(path: Path, one: Kept) -> Diagnostic:
    where = "stand at the end: the guide has no such section now" if one.moved else "are kept"
    fact = f'{one.parts} parts of section "{one.section}" of "{path.name}" {where}'
    return Diagnostic("GDE003", fact)


def _require_unedited(places: Sequence[Path]) -> None:
    edited = [path for path in places if path.exists() and is_edited(path)]
    if edited:
        raise OutputError(
            Diagnostic(
                "GDE002",
                f'"{path.as_posix()}" was edited since it was made',
                help="take over what it says with --keep, write elsewhere with --out, or --replace",
            )
            for path in edited
        )

"""The guides of a package to their places, and never over what a person wrote."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.guides.build import build_guide
from cdisc.guides.facts import gather
from cdisc.guides.html import render_guide_html
from cdisc.guides.word import is_edited, render_guide_docx
from cdisc.package import relist


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """A guide that was written.

    Attributes:
        path: The Word file; the page lies beside it.
        to_write: How many things a person has still to write.
    """

    path: Path
    to_write: int


def write_guides(
    package: Path, out: Path | None = None, *, replace: bool = False
) -> tuple[Written, ...]:
    """Write the reviewer's guides of a package, as Word files and as pages.

    Args:
        package: A package, or a folder with define.xml and transport files.
        out: Folder for the guides; beside each define.xml by default, and then in the manifest.
        replace: Write over a Word file that a person edited.

    Returns:
        The guides, that of the tabulation data first.

    Raises:
        RawDataError: GDE001, there is no define.xml.
        OutputError: GDE002, a Word file was edited and `replace` is false; OUT003, the disk
            refuses. Then nothing is written.
    """
    made = [(build_guide(facts), out or facts.folder) for facts in gather(package)]
    places = [folder / f"{guide.file}.docx" for guide, folder in made]
    if not replace:
        _require_unedited(places)
    found = []
    for (guide, _), path in zip(made, places, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render_guide_docx(guide))
            page = render_guide_html(guide)
            path.with_suffix(".html").write_text(page, encoding="utf-8", newline="\n")
        except OSError as error:
            fact = f'cannot write "{path.as_posix()}": {error.strerror}'
            raise OutputError([Diagnostic("OUT003", fact)]) from error
        found.append(Written(path, guide.to_write))
    if out is None:
        relist(package)
    return tuple(found)


def _require_unedited(places: Sequence[Path]) -> None:
    edited = [path for path in places if path.exists() and is_edited(path)]
    if edited:
        raise OutputError(
            Diagnostic(
                "GDE002",
                f'"{path.as_posix()}" was edited since it was made',
                help="write to another folder with --out and take over what is new; or --replace",
            )
            for path in edited
        )

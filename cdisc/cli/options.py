"""Arguments and options that several commands share."""

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import SpecError
from cdisc.resources import mappings_root


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


Study = Annotated[str, typer.Argument(help="Folder with study.yaml, or a study that is carried")]
Raw = Annotated[Path, typer.Option(help="Folder of the raw files")]
Out = Annotated[Path, typer.Option(help="Folder to write; appears whole or not at all")]
Created = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S"],
        metavar="YYYY-MM-DDThh:mm:ss",
        help="The one time stamp; now, in UTC, by default",
    ),
]


def size_of(text: str) -> int:
    """Return the bytes of a size such as 2GB; a ValueError is a wrong option."""
    from cdisc.engine.buckets import bytes_of

    return bytes_of(text)


Memory = Annotated[
    int | None,
    typer.Option(
        parser=size_of,
        metavar="SIZE",
        help="Memory to build in, such as 2GB; the bytes do not depend on it",
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads; the bytes do not depend on it")]
Subjects = Annotated[int, typer.Option(help="Subjects who are randomized")]
Seed = Annotated[int, typer.Option(help="Master seed of all random streams")]
Mode = Annotated[
    Literal["random", "quota"],
    typer.Option(help="Each treated subject responds by chance, or a fixed share of them"),
]
OneLength = Annotated[
    bool,
    typer.Option("--one-length", help="Texts of one name as long as the longest of the study"),
]
Split = Annotated[
    int | None,
    typer.Option(
        parser=size_of,
        metavar="SIZE",
        help="Size of XPT files, such as 5GB, above which datasets are there in parts too",
    ),
]
Guides = Annotated[
    bool,
    typer.Option("--guides/--no-guides", help="Write the reviewer's guides beside each define.xml"),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How findings are written")]
NoValues = Annotated[bool, typer.Option("--no-values", help="Hide collected values in findings")]


def study_folder(study: str) -> Path:
    """Return the folder of a study: a path, or the name of one that is carried."""
    path = Path(study)
    if (path / "study.yaml").is_file():
        return path
    carried = mappings_root() / study
    if (carried / "study.yaml").is_file():
        return carried
    names = sorted(one.parent.name for one in mappings_root().glob("*/study.yaml"))
    raise SpecError(
        [
            Diagnostic(
                "SPEC008",
                f'"{study}" is no folder with a study.yaml and no study that is carried',
                expected=", ".join(names),
                help=did_you_mean(path.name, names),
            )
        ]
    )

"""Commands about controlled terminology: import, list, diff."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption, study_folder

if TYPE_CHECKING:
    from cdisc.dataset import Dataset

app = typer.Typer(
    no_args_is_help=True,
    help="""Controlled terminology: import a release, list releases, compare two.

    Example: cdisc ct list
    """,
)

To = Annotated[
    Path | None,
    typer.Option(help="Folder of imported releases; that of the study, else mappings/ct or ct"),
]
OfStudy = Annotated[
    str | None, typer.Option("--study", help="Folder with study.yaml, or a study that is carried")
]


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Text, Excel or ODM XML of NCI EVS, or CDISC Library JSON")
    ],
    to: To = None,
    study: OfStudy = None,
    package: Annotated[
        str | None, typer.Option(help="Such as sdtm, where the file does not say it")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Date of the release, where the file does not say it")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take over published releases, each whole or not at all.

    Example: cdisc ct import "SDTM Terminology 2026-03-27.txt" --to mappings/ct
    """
    with findings_as(output):
        from cdisc.standard.publication import import_releases

        for one in import_releases(files, _folder(to, study), package=package, date=date):
            did = "imported" if one.new else "there already"
            if one.synonyms:
                did = f"{'imported with' if one.new else 'added:'} {one.synonyms} synonyms"
            typer.echo(
                f"{one.package} {one.date}: {one.codelists} codelists, {one.terms} terms; "
                f"{did}, {one.folder.as_posix()}"
            )


@app.command("list")
def list_(to: To = None, study: OfStudy = None, output: FormatOption = Format.TEXT) -> None:
    """List the releases that are carried or imported, with the hash that a manifest has.

    Example: cdisc ct list
    """
    with findings_as(output):
        from cdisc.standard.listing import list_releases

        found = list_releases(_folder(to, study))
        if output is Format.JSON:
            typer.echo(json.dumps([one.to_json() for one in found], indent=1, ensure_ascii=False))
        else:
            typer.echo("\n".join(one.to_text() for one in found))


@app.command("diff")
def diff(  # noqa: PLR0913, PLR0917  the options of the command
    old: Annotated[str, typer.Argument(help="Release, such as sdtm-2025-03-28, or its folder")],
    new: Annotated[str, typer.Argument(help="The later release")],
    study: OfStudy = None,
    raw: Annotated[Path | None, typer.Option(help="Raw files: count the records too")] = None,
    package: Annotated[Path | None, typer.Option(help="Built package to count in")] = None,
    to: To = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Compare two releases; with a study, show what the change touches there.

    Example: cdisc ct diff sdtm-2025-03-28 sdtm-2025-03-28 --study SYN07441291
    """
    with findings_as(output):
        from cdisc.standard.difference import difference, find_release
        from cdisc.tools.ct_rendering import to_json, to_text

        folder = _folder(to, study)
        changed = difference(find_release(old, folder), find_release(new, folder))
        touched = None
        if study is not None:
            from cdisc.engine.resolve import resolve
            from cdisc.spec import load_study
            from cdisc.tools.ct_data import counts_of
            from cdisc.tools.ct_impact import touched as touched_in

            counts = counts_of(_datasets(study, raw, package)) if raw or package else None
            touched = touched_in(resolve(load_study(study_folder(study))), changed, counts)
        render = to_json if output is Format.JSON else to_text
        typer.echo(render(changed, touched), nl=False)


def _datasets(study: str, raw: Path | None, package: Path | None) -> list["Dataset"]:
    if package is not None:
        from cdisc.review import read_package

        return read_package(package)
    from cdisc.pipeline import build_in_memory

    assert raw
    built = build_in_memory(study_folder(study), raw=raw)
    return [one for stage in built.studies.values() for one in stage.datasets]


def _folder(to: Path | None, study: str | None) -> Path:
    if to is not None:
        return to
    if study is not None:
        from cdisc.spec import load_study

        return load_study(study_folder(study)).ct_folder
    return Path("mappings", "ct") if Path("mappings").is_dir() else Path("ct")

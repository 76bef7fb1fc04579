"""Commands about single files: write one in another form, hold two against each other."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Created, Format, FormatOption, NoValues

_DIFFERENT = 1
Encoding = Annotated[str, typer.Option(help="Of text in XPT files")]


def convert_file(  # noqa: PLR0913, PLR0917  the options of the command
    source: Annotated[
        Path, typer.Argument(help="File .xpt, .json, .ndjson, .dsjc or .parquet, or a folder")
    ],
    target: Annotated[
        Path, typer.Argument(help="File to write, of one of these or .csv; with --to, a new folder")
    ],
    to: Annotated[
        str | None, typer.Option(help="Form of the files of a folder, such as json or xpt")
    ] = None,
    created: Created = None,
    encoding: Encoding = "ascii",
    decimals: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--decimals", help="Write numbers of Dataset-JSON as decimal texts")
    ] = False,
    xpt_version: Annotated[
        int, typer.Option(help="Version of XPT files that are written: 5, or 8 for long names")
    ] = 5,
    one_length: Annotated[  # noqa: FBT002  a flag of the command line
        bool,
        typer.Option("--one-length", help="Texts of one name as long as the longest of all files"),
    ] = False,
    split: Annotated[
        int | None, typer.Option(min=1, help="Megabytes above which XPT files have parts too")
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write the dataset of a file, or those of a folder, in another form, with metadata.

    Example: cdisc convert-file build/package/m5/datasets/syn07441291/tabulations/sdtm/ae.xpt a.json
    """
    with findings_as(output):
        from cdisc.transport import Form, convert_folder
        from cdisc.transport import convert_file as convert

        if xpt_version not in {5, 8}:
            raise typer.BadParameter("5 or 8", param_hint="--xpt-version")
        if to is None and (one_length or split):
            raise typer.BadParameter("only with --to", param_hint="--one-length, --split")
        moment = created or dt.datetime.now(tz=dt.UTC).replace(microsecond=0, tzinfo=None)
        form = Form(
            encoding,
            version=8 if xpt_version == 8 else 5,  # noqa: PLR2004  the version
            decimals=decimals,
            one_length=one_length,
            largest=split * 1_000_000 if split else None,
        )
        if to is not None:
            suffix = f".{to.removeprefix('.').lower()}"
            for path in convert_folder(source, target, suffix, created=moment, form=form):
                typer.echo(path.as_posix())
            return
        dataset = convert(source, target, created=moment, form=form)
        count = dataset.table.num_rows
        typer.echo(f"{dataset.name}: {count:,} records, {len(dataset.variables)} variables")


def compare(  # noqa: PLR0913, PLR0917  the options of the command
    a: Annotated[Path, typer.Argument(help="File of a dataset, or a folder of such files")],
    b: Annotated[Path, typer.Argument(help="The other one")],
    keys: Annotated[
        list[str] | None,
        typer.Option(help="Variables that match records, as A,B; of one dataset as DATASET:A,B"),
    ] = None,
    by_position: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--by-position", help="Match the first record with the first")
    ] = False,
    absolute: Annotated[float, typer.Option(min=0, help="Most that numbers are apart")] = 0.0,
    relative: Annotated[
        float, typer.Option(min=0, help="The same, as a part of the larger number")
    ] = 0.0,
    accepted: Annotated[
        Path | None, typer.Option(help="YAML file of differences that are accepted")
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Day for acceptances; today by default"
        ),
    ] = None,
    first: Annotated[int, typer.Option(min=0, help="Examples of each difference")] = 5,
    no_values: NoValues = False,  # noqa: FBT002  a flag of the command line
    encoding: Encoding = "ascii",
    output: FormatOption = Format.TEXT,
) -> None:
    """Compare two files or folders: attributes, records by keys, values. Exit 1 if different.

    Example: cdisc compare a.json build/package/m5/datasets/syn07441291/tabulations/sdtm/ae.xpt
    """
    with findings_as(output, no_values=no_values):
        from cdisc.compare import Acceptances, Rules, Tolerance, read_acceptances, to_json, to_text
        from cdisc.compare import compare as compare_places

        day = (as_of or dt.datetime.now(tz=dt.UTC)).date()
        comparison = compare_places(
            a,
            b,
            keys=_keys(keys or []),
            rules=Rules(Tolerance(absolute, relative), by_position, 0 if no_values else first),
            accepted=read_acceptances(accepted, day) if accepted else Acceptances(),
            encoding=encoding,
        )
        if comparison.findings and output is Format.TEXT:
            typer.echo(rendered(comparison.findings, output), err=True, nl=False)
        typer.echo((to_json if output is Format.JSON else to_text)(comparison), nl=False)
        if comparison.different:
            raise typer.Exit(_DIFFERENT)


def _keys(options: list[str]) -> dict[str, list[str]]:
    """Return keys by dataset, and under an empty name those of all others."""
    found: dict[str, list[str]] = {}
    for option in options:
        dataset, colon, names = option.rpartition(":")
        found[dataset if colon else ""] = [one.strip() for one in names.split(",") if one.strip()]
    return found

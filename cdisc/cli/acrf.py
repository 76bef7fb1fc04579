"""Commands that annotate the case report form."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cdisc.cli.findings import findings_as, rendered
from cdisc.cli.options import Format, FormatOption, Study, study_folder

if TYPE_CHECKING:
    from cdisc.acrf import AnnotatedCrf

_MAKE = "make"


class _OrMake(TyperGroup):
    """A group whose first word is a study where it is no command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_MAKE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_OrMake,
    no_args_is_help=True,
    help="""Annotate the case report form: cdisc acrf STUDY, or cdisc acrf stamp STUDY.

    Example: cdisc acrf SYN07441291 --out acrf.pdf
    """,
)
Out = Annotated[
    Path, typer.Option(help="PDF to write; the pages of each field go beside it, as JSON")
]
Font = Annotated[
    Path | None, typer.Option(help="TrueType font for all text; needed for what is not Latin")
]


@app.command(_MAKE)
def make(
    study: Study, out: Out = Path("acrf.pdf"), font: Font = None, output: FormatOption = Format.TEXT
) -> None:
    """Draw the pages that crf.yaml describes, annotated with what the mapping does.

    Example: cdisc acrf SYN07441291 --out acrf.pdf
    """
    with findings_as(output):
        from cdisc.acrf import make_crf
        from cdisc.pipeline import check

        _write(make_crf(check(study_folder(study)), font), out, output)


@app.command()
def stamp(
    study: Study,
    pdf: Annotated[Path, typer.Option(help="The blank case report form of the sponsor")],
    places: Annotated[
        Path, typer.Option(help="CSV or YAML with page, x, y, form, field for each annotation")
    ],
    out: Out = Path("acrf.pdf"),
    font: Font = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Put the annotations on the pages that the sponsor has drawn.

    Example: cdisc acrf stamp SYN07441291 --pdf blank.pdf --places places.csv --out acrf.pdf
    """
    with findings_as(output):
        from cdisc.acrf import read_places, stamp_crf
        from cdisc.pipeline import check

        program = check(study_folder(study))
        _write(stamp_crf(program, pdf, read_places(places), font), out, output)


def _write(made: "AnnotatedCrf", out: Path, output: Format) -> None:
    if made.findings:
        typer.echo(rendered(made.findings, output), err=True, nl=False)
    for path in made.write(out):
        typer.echo(path.as_posix())

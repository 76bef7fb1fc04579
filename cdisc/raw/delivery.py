"""What findings about one delivered file have in common: its name and who asked for it.

A finding points at the line of the spec that names the file. Where no spec asked,
it points at the row of the file itself. Collected values are never put into the
text, only rows and counts.
"""

import dataclasses

from cdisc.diagnostics import Diagnostic, Span

SHOWN = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """A file as the study names it.

    Attributes:
        form: Alias of the form, such as ``ae``.
        file: Path as written in ``study.yaml``; what messages show.
        span: The line of the spec that asked for the file, or None.
    """

    form: str
    file: str
    span: Span | None = None

    def at(self, row: int, column: int = 1) -> Span:
        """Return the place that a finding points at: the spec, else the row of the file."""
        return self.span or Span(self.file, row, column, column + 1)

    def finding(
        self,
        code: str,
        fact: str,
        *found: str,
        row: int = 1,
        expected: str | None = None,
        help: str | None = None,  # noqa: A002  the name of the attribute of Diagnostic
        records: int | None = None,
    ) -> Diagnostic:
        """Return a finding about this file."""
        return Diagnostic(
            code,
            f'"{self.file}" {fact}',
            span=self.at(row),
            found=found,
            expected=expected,
            help=help,
            records=records,
        )


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    Example:
        >>> counted(1, "record"), counted(2, "record")
        ('1 record', '2 records')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"

"""What a transport file cannot hold of names, labels, lengths and formats."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Final

from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import Diagnostic
from cdisc.transport.sas_format import SasFormat, parse_format
from cdisc.transport.xpt_layout import LABEL_BYTES, NUMBER_BYTES, Layout

_NAMES: Final = {
    5: (re.compile(r"[A-Z_][A-Z0-9_]{0,7}"), "1 to 8 of A-Z, 0-9 and _"),
    8: (re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}"), "1 to 32 of A-Z, a-z, 0-9 and _"),
}
_TYPE: Final = re.compile(r"[A-Z0-9_]{0,8}")


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """Into what a dataset is to go: a layout, and text in a codec."""

    layout: Layout
    codec: str

    def takes(self, name: str) -> bool:
        """Say whether a dataset or variable may have that name."""
        return bool(_NAMES[self.layout.version][0].fullmatch(name))

    @property
    def names(self) -> str:
        """The rule for names."""
        return f"{_NAMES[self.layout.version][1]}, not beginning with a digit"


def dataset_findings(dataset: Dataset, target: Target) -> Iterator[Diagnostic]:
    """Yield what cannot be held of the name, label, type and number of variables."""
    name = dataset.name
    if not target.takes(name):
        fact = f'"{name}" cannot be the name of a dataset'
        yield Diagnostic("XPT001", fact, expected=target.names, dataset=name)
    yield from _label_findings("XPT004", (name, None), dataset.label, LABEL_BYTES, target.codec)
    if not _TYPE.fullmatch(dataset.sas_type):
        fact = f'"{dataset.sas_type}" cannot be the type of a dataset'
        yield Diagnostic("XPT023", fact, expected="at most 8 of A-Z, 0-9 and _", dataset=name)
    count = len(dataset.variables)
    most = target.layout.most_variables
    if count > most:
        yield Diagnostic(
            "XPT011", f"{count:,} variables", expected=f"at most {most:,}", dataset=name
        )
    seen: set[str] = set()
    for variable in dataset.variables:
        if variable.name.upper() in seen:
            fact = f'two variables are called "{variable.name}"'
            yield Diagnostic("XPT003", fact, dataset=name, variable=variable.name)
        seen.add(variable.name.upper())


def _label_findings(
    code: str, whose: tuple[str, str | None], label: str, most: int, codec: str
) -> Iterator[Diagnostic]:
    """Check a label: its bytes under `code`, its characters under XPT009."""
    dataset, variable = whose
    found = (f'"{label}"',)
    try:
        size = len(label.encode(codec))
    except UnicodeEncodeError as error:
        fact = f'the label holds "{label[error.start : error.end]}", which is not in {codec}'
        yield Diagnostic("XPT009", fact, found=found, dataset=dataset, variable=variable)
        return
    if size > most:
        fact = f"the label has {size} bytes"
        expected = f"at most {most}"
        yield Diagnostic(
            code, fact, found=found, expected=expected, dataset=dataset, variable=variable
        )
    if label.endswith(" "):
        fact = "the blanks at the end of the label are lost"
        yield Diagnostic("XPT014", fact, found=found, dataset=dataset, variable=variable)
    if not label.isprintable():
        fact = "the label holds characters that do not print"
        found = (ascii(label),)
        yield Diagnostic("XPT015", fact, found=found, dataset=dataset, variable=variable)


def variable_findings(dataset: str, variable: Variable, target: Target) -> Iterator[Diagnostic]:
    """Yield what cannot be held of the name, label, length and formats of a variable."""
    name = variable.name
    if not target.takes(name):
        fact = f'"{name}" cannot be the name of a variable'
        yield Diagnostic("XPT002", fact, expected=target.names, dataset=dataset, variable=name)
    room = target.layout.label_bytes
    yield from _label_findings("XPT005", (dataset, name), variable.label, room, target.codec)
    text = variable.kind == "text"
    least, most = (1, target.layout.text_bytes) if text else (NUMBER_BYTES, NUMBER_BYTES)
    if not least <= variable.length <= most:
        expected = f"{least} to {most} bytes" if text else f"{most} bytes, as for every number"
        fact = f"{variable.kind} of length {variable.length}"
        help_ = (
            "move what follows byte 200 to supplemental records"
            if text and variable.length > most
            else None
        )
        yield Diagnostic(
            "XPT006", fact, expected=expected, help=help_, dataset=dataset, variable=name
        )
    letters = target.layout.format_letters
    yield from _format_findings(dataset, variable, letters)
    yield from _informat_findings(dataset, variable, letters)


def _format_findings(dataset: str, variable: Variable, letters: int) -> Iterator[Diagnostic]:
    name, kind = variable.name, variable.kind
    parsed = parse_format(variable.format, letters) if variable.format else SasFormat("", 0, 0)
    shown = parsed and (parsed.kind if variable.format else "text" if kind == "text" else "number")
    if parsed is None:
        fact = f'"{variable.format}" is not a display format'
        yield Diagnostic("XPT012", fact, expected=_rule(letters), dataset=dataset, variable=name)
    elif (shown == "text") != (kind == "text"):
        fact = f'format "{variable.format}" cannot show values of kind {kind}'
        yield Diagnostic("XPT012", fact, dataset=dataset, variable=name)
    elif shown != kind:
        fact = f"a {kind} with {_named(variable.format)} will be read as a {shown}"
        yield Diagnostic("XPT013", fact, dataset=dataset, variable=name)


def _informat_findings(dataset: str, variable: Variable, letters: int) -> Iterator[Diagnostic]:
    name, kind = variable.name, variable.kind
    if not variable.informat:
        return
    parsed = parse_format(variable.informat, letters)
    if parsed is None:
        fact = f'"{variable.informat}" is not an informat'
        yield Diagnostic("XPT012", fact, expected=_rule(letters), dataset=dataset, variable=name)
    elif parsed.name.startswith("$") != (kind == "text"):
        fact = f'informat "{variable.informat}" cannot read values of kind {kind}'
        yield Diagnostic("XPT012", fact, dataset=dataset, variable=name)


def _rule(letters: int) -> str:
    name = f"upper-case name of at most {letters}"
    return f"{name}, width, point, decimals: DATE9. or 8.2 or $20."


def _named(sas_format: str | None) -> str:
    return f'format "{sas_format}"' if sas_format else "no format"

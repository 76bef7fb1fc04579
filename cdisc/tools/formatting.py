"""Mapping files in one form: the order of sections, columns, quotes and expressions.

A file keeps its lines, comments and blank lines. What is rewritten is rewritten in its
place: expressions are printed from their trees, so that what a file means stays the same.
Texts that go over several lines stay as they were folded.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import yaml

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError, SpecError
from cdisc.language.parser import parse
from cdisc.language.printer import printed
from cdisc.source import Document, Loc, parse_document
from cdisc.spec.crf import CrfFile
from cdisc.spec.dataset import DatasetFile
from cdisc.spec.define import DEFINE, DefineFile
from cdisc.spec.layers import STUDY
from cdisc.spec.load import CRF, EXPLAINED
from cdisc.spec.model import SpecModel
from cdisc.spec.study import ExplainedFile, StudyFile, TermsFile

Kind = Literal["study", "dataset", "terms", "explained", "crf", "define"]
_MODELS: dict[str, type[SpecModel]] = {
    "study": StudyFile,
    "dataset": DatasetFile,
    "terms": TermsFile,
    "explained": ExplainedFile,
    "crf": CrfFile,
    "define": DefineFile,
}
# Sections whose values stand in a column, and the least width of their names: where names
# have at most 8 characters, no new line moves the others.
_ALIGNED = {
    "variables": 8, "supp": 8, "work": 8, "set": 0,
    "tests": 0, "events": 0, "censors": 0, "params": 0,
}  # fmt: skip
# Sections that stand before another one, although the reference lists them after it.
_BEFORE = {
    "events": "variables",
    "censors": "variables",
    "params": "variables",
    "not_used": "terms",
}
_ROWS = re.compile(
    r"(?P<head>.*?)(?:\s+where\s+(?P<where>.+?))?(?:\s+(?P<keep>keep\s+(?:first|last)\b.+))?",
    re.DOTALL,
)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def formatted(text: str, kind: Kind, *, file: str) -> str:
    """Return a mapping file in its canonical form; formatting that again changes nothing.

    Args:
        text: The file.
        kind: What it is.
        file: How mistakes name it.

    Raises:
        SpecError: It is not YAML, or holds an expression that cannot be read.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    text = _in_order(text, kind, _read(text, file))
    text = _with_expressions(text, kind, _read(text, file))
    text = _aligned(text, _read(text, file))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


@dataclasses.dataclass(frozen=True)
class Formatted:
    """A mapping file: its text, and the same in canonical form."""

    path: Path
    before: str
    after: str

    def write(self) -> None:
        """Write the file in its form.

        Raises:
            OutputError: OUT003, the disk refuses it.
        """
        try:
            self.path.write_text(self.after, encoding="utf-8", newline="\n")
        except OSError as error:
            fact = f'cannot write "{_shown(self.path)}": {error.strerror}'
            raise OutputError([Diagnostic("OUT003", fact)]) from error

    @property
    def finding(self) -> Diagnostic:
        """Say where the file leaves its canonical form."""
        old, new = self.before.split("\n"), self.after.split("\n")
        pairs = enumerate(itertools.zip_longest(old, new, fillvalue=""), start=1)
        line, (there, wanted) = next(
            ((number, pair) for number, pair in pairs if pair[0] != pair[1]), (1, ("", ""))
        )
        span = Span(_shown(self.path), line, 1, len(there) + 1, there)
        return Diagnostic(
            "SPEC082",
            "the file is not in its canonical form",
            span,
            expected=wanted or "no line here",
            help="run: cdisc fmt",
        )


def format_files(place: Path) -> tuple[Formatted, ...]:
    """Return the files of a study that are not in canonical form.

    Args:
        place: The folder of a study, or one of its files.

    Raises:
        SpecError: A file cannot be read; with what is wrong in all of them.
    """
    paths = [place] if place.is_file() else _files(place)
    found: list[Formatted] = []
    mistakes: list[Diagnostic] = []
    for path in paths:
        before = path.read_text(encoding="utf-8")
        try:
            after = formatted(before, _kind(path), file=_shown(path))
        except SpecError as error:
            mistakes += error.diagnostics
            continue
        if after != before:
            found.append(Formatted(path, before, after))
    if mistakes:
        raise SpecError(mistakes)
    return tuple(found)


def _files(study: Path) -> list[Path]:
    folders = ("sdtm", "adam", "terms")
    found = [path for folder in folders for path in sorted((study / folder).glob("*.yaml"))]
    main = [path for name in (STUDY, EXPLAINED, CRF, DEFINE) if (path := study / name).is_file()]
    return [*main, *found]


def _kind(path: Path) -> Kind:
    whole: dict[str, Kind] = {STUDY: "study", EXPLAINED: "explained", CRF: "crf", DEFINE: "define"}
    if path.name in whole:
        return whole[path.name]
    return "terms" if path.parent.name == "terms" else "dataset"


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _read(text: str, file: str) -> Document:
    document = parse_document(text, file=file)
    if document.problems:
        raise SpecError(document.problems)
    return document


def _in_order(text: str, kind: Kind, document: Document) -> str:
    """Put the sections into the order of the reference, each with the comments above it."""
    lines = text.split("\n")
    order = _order(kind)
    keys = sorted((mark.line, str(loc[0])) for loc, mark in document.keys.items() if len(loc) == 1)
    if not keys:
        return text
    starts = [keys[0][0], *(_above(lines, line) for line, _name in keys[1:]), len(lines)]
    sections = {
        name: lines[start:end]
        for (_line, name), start, end in zip(keys, starts, starts[1:], strict=False)
    }
    ranks = {name: order.index(name) if name in order else len(order) for name in sections}
    placed = sorted(sections, key=lambda name: ranks[name])
    body = [line for name in placed for line in sections[name]]
    return "\n".join([*lines[: starts[0]], *body])


def _order(kind: Kind) -> list[str]:
    """Return the sections of a file in their order."""
    names = [field.alias or name for name, field in _MODELS[kind].model_fields.items()]
    for name, later in _BEFORE.items():
        if name in names and later in names:
            names.remove(name)
            names.insert(names.index(later), name)
    return names


def _above(lines: Sequence[str], line: int) -> int:
    """Return the first of the comments and blank lines that stand above a section."""
    while line > 0 and (not lines[line - 1].strip() or lines[line - 1].startswith("#")):
        line -= 1
    return line


def _with_expressions(text: str, kind: Kind, document: Document) -> str:
    """Print every expression that stands on one line anew, in quotes only where it needs them."""
    lines = text.split("\n")
    marks = [
        (mark.line, mark.column, mark.end_column, loc, mark.value)
        for loc, mark in document.values.items()
        if mark.value is not None and mark.line == mark.end_line and _printer(kind, loc)
    ]
    for line, start, end, loc, value in sorted(marks, reverse=True):
        printer = _printer(kind, loc)
        assert printer is not None
        new = printer(value, _locate(document, loc))
        shown = _scalar(new, flow=_in_flow(document, loc))
        lines[line] = lines[line][:start] + shown + lines[line][end:]
    return "\n".join(lines)


def _locate(document: Document, loc: Loc) -> Callable[[int, int], Span]:
    return lambda start, end: document.span_within(loc, start, end)


Printer = Callable[[str, Callable[[int, int], Span]], str]


def _expression(text: str, locate: Callable[[int, int], Span]) -> str:
    return printed(parse(text, locate).tree)


def _rows(text: str, locate: Callable[[int, int], Span]) -> str:
    """Return ``each FORM where ... keep ...`` with its condition and its choice printed."""
    match = _ROWS.fullmatch(text.strip())
    if match is None:
        return text
    parts = [" ".join(match["head"].split())]
    if match["where"]:
        at = match.start("where")
        condition = parse(match["where"], lambda a, b: locate(a + at, b + at))
        parts += ["where", printed(condition.tree)]
    if match["keep"]:
        parts.append(_keep(match["keep"], match.start("keep"), locate))
    return " ".join(parts)


def _keep(text: str, at: int, locate: Callable[[int, int], Span]) -> str:
    choice = parse(f"flag{text.removeprefix('keep')}", lambda a, b: locate(a + at, b + at))
    return f"keep{printed(choice.tree).removeprefix('flag')}"


def _printer(kind: Kind, loc: Loc) -> Printer | None:
    """Return what prints the value at a place, or None where it is no expression."""
    if kind == "study":
        named = loc[0] == "let" and len(loc) == 2  # noqa: PLR2004  let, name
        of_form = loc[0] in ("raw", "folders") and loc[2:] in (("subject",), ("where",))
        return _expression if named or of_form or loc == ("study", "usubjid") else None
    if kind != "dataset" or not loc:
        return None
    return _printer_of_dataset(loc)


def _printer_of_dataset(loc: Loc) -> Printer | None:
    section, *rest = loc
    if section == "rows" and (rest in ([], [0]) or isinstance(rest[-1], int)):
        return _rows if len(rest) <= 1 else None
    if section == "rows":
        conditions = len(rest) <= 2 and rest[-1] in ("where", "each")  # noqa: PLR2004  item, key
        if conditions:
            return _rows if rest[-1] == "each" else _expression
        return _expression if "set" in rest[:-1] else None
    deep = {
        "variables": ([], ["map"]),
        "supp": (["map"],),
        "work": ([],),
        "checks": ([],),
        "events": (["when"],),
        "censors": (["when"],),
        "params": (["start"],),
        "records": (["where"], ["when"]),
    }
    if section == "records" and rest[1:2] == ["set"]:
        return _expression
    return _expression if rest and rest[1:] in deep.get(str(section), ()) else None


def _in_flow(document: Document, loc: Loc) -> bool:
    """Say whether a value stands between braces or brackets."""
    above = (loc[:depth] for depth in range(len(loc)))
    marks = [document.values[one] for one in above if one in document.values]
    lines = document.lines
    return any(lines[mark.line][mark.column : mark.column + 1] in ("{", "[") for mark in marks)


def _scalar(text: str, *, flow: bool) -> str:
    """Return a text as YAML writes it: plain, where that means the same."""
    if _is_plain(text, flow=flow):
        return text
    if not set('"\\') & set(text):
        return f'"{text}"'
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _is_plain(text: str, *, flow: bool) -> bool:
    whole = f"{{k: {text}}}" if flow else f"k: {text}"
    try:
        node = yaml.compose(whole, Loader=_LOADER)
    except yaml.YAMLError:
        return False
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
        return False
    value = node.value[0][1]
    return isinstance(value, yaml.ScalarNode) and not value.style and value.value == text


def _aligned(text: str, document: Document) -> str:
    """Put the values of a section into one column."""
    lines = text.split("\n")
    changes: list[tuple[int, int, int, int]] = []
    for holder, entries in _sections(document):
        if _in_flow(document, (*holder, "")):
            continue
        names = [end - start for _line, start, end, _value in entries]
        width = max(*names, _ALIGNED[str(holder[-1])], 1)
        for line, start, end, value in entries:
            changes.append((line, end, value, start + width + 2 - end))
    for line, end, value, gap in changes:
        colon = lines[line].index(":", end)
        lines[line] = lines[line][: colon + 1] + " " * (gap - 1) + lines[line][value:]
    return "\n".join(lines)


def _sections(document: Document) -> Iterator[tuple[Loc, list[tuple[int, int, int, int]]]]:
    """Yield the aligned sections: line, first and last column of each key, column of its value."""
    keys = [loc for loc in document.keys if len(loc) > 1 and loc[-2] in _ALIGNED]
    for holder, locs in itertools.groupby(sorted(keys, key=str), key=lambda loc: loc[:-1]):
        entries = []
        for loc in locs:
            key, value = document.keys[loc], document.values[loc]
            if key.line == value.line:
                entries.append((key.line, key.column, key.end_column, value.column))
        if entries:
            yield holder, entries

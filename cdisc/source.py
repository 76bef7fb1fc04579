"""YAML text to plain values that remember where each of them was written.

Every scalar stays the text that was typed: ``NO`` is not false, ``010`` is not 8,
``2014-01-02`` is not a date. Duplicate keys, keys without a value, anchors and
aliases are mistakes that a `Document` lists, so that its other mistakes can be found
as well. It gives the `Span` of every key, of every value,
and of every part of a value, so that a mistake in the middle of an expression is
shown in its own column.
"""

import re
from pathlib import Path
from typing import NamedTuple, TypeAlias

import yaml

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.plain import PlainLoader
from cdisc.record import record

Loc: TypeAlias = tuple[str | int, ...]
Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_GOES_ON = re.compile(r"\s*(- |[^\s:]+:)\s+(?P<value>(['\"])[^'\"]*\3\s*[^\s#].*)")
_STRANGE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x84\\x86-\\x9f\\ufffe\\uffff]")
# a comma that a value holds, as that of a function, ends it there
IN_BRACES = "within { } a comma ends a value: put double quotes round a value that holds one"


class File(NamedTuple):
    """A file: how diagnostics name it, and its text."""

    name: str
    lines: tuple[str, ...]


class Mark(NamedTuple):
    """A place, counted from 0, with the text that stands there; without a file, in its own."""

    line: int
    column: int
    end_line: int
    end_column: int
    value: str | None = None
    file: File | None = None


@record()
class Document:
    """A YAML file: its plain value, and the place of everything in it.

    A document that was laid over others has parts of several files; each part knows its own.

    Attributes:
        file: How diagnostics name it.
        lines: Its text.
        value: Texts, lists and mappings; a value that is a mistake is empty text.
        keys: Place of each key.
        values: Place of each value.
        problems: SPEC002 duplicate key, SPEC003 no value, SPEC004 anchor or alias.
        unread: Places whose value is a mistake.
    """

    file: str
    lines: tuple[str, ...]
    value: Value
    keys: dict[Loc, Mark]
    values: dict[Loc, Mark]
    problems: tuple[Diagnostic, ...] = ()
    unread: tuple[Loc, ...] = ()

    def span(self, loc: Loc, *, key: bool = False) -> Span:
        """Return the place of a value, or of its key.

        A `loc` that the file does not have points at its nearest parent that it has.
        """
        while loc and loc not in self.values:
            loc, key = loc[:-1], True
        mark = self.keys.get(loc) if key else None
        return self._span(mark or self.values[loc])

    def span_within(self, loc: Loc, start: int, end: int) -> Span:
        """Return the place of the characters ``start:end`` of a text value."""
        mark = self.values[loc]
        places = self._places(mark)
        if not places:
            return self._span(mark)
        file = self._file_of(mark)
        line, column = places[min(start, len(places) - 1)]
        if start >= len(places):
            return Span(file.name, line + 1, column + 2, column + 3, file.lines[line])
        last_line, last_column = places[max(start, min(end, len(places)) - 1)]
        stop = last_column + 1 if last_line == line else len(file.lines[line])
        return Span(file.name, line + 1, column + 1, stop + 1, file.lines[line])

    def _file_of(self, mark: Mark) -> File:
        return mark.file or File(self.file, self.lines)

    def _span(self, mark: Mark) -> Span:
        file = self._file_of(mark)
        text = file.lines[mark.line] if mark.line < len(file.lines) else ""
        end = mark.end_column if mark.end_line == mark.line else len(text)
        return Span(file.name, mark.line + 1, mark.column + 1, end + 1, text)

    def _places(self, mark: Mark) -> list[tuple[int, int]]:
        """Return the line and column of each character of a scalar."""
        source = list(self._characters(mark))
        places: list[tuple[int, int]] = []
        at = 0
        for character in mark.value or "":
            at = _skip_to(character, source, at)
            if at >= len(source):
                break
            places.append(source[at][1:])
            at += 1
        return places

    def _characters(self, mark: Mark) -> list[tuple[str, int, int]]:
        found = []
        lines = self._file_of(mark).lines
        for line in range(mark.line, min(mark.end_line + 1, len(lines))):
            text = lines[line]
            first = mark.column if line == mark.line else 0
            last = mark.end_column if line == mark.end_line else len(text)
            found += [(text[column], line, column) for column in range(first, last)]
            found.append(("\n", line, len(text)))
        if found and found[0][0] in "'\"":
            found = found[1:]
        return found


def _skip_to(character: str, source: list[tuple[str, int, int]], at: int) -> int:
    """Return the place in `source` that stands for `character` (folded lines, quotes)."""
    if character in " \n":
        while at < len(source) and source[at][0] not in " \n\t":
            at += 1
        while at + 1 < len(source) and source[at][0] in " \n\t" and source[at + 1][0] in " \n\t":
            if source[at][0] == " " and source[at + 1][0] == " ":
                break
            at += 1
        return at
    while at < len(source) and source[at][0] != character:
        at += 1
    return at


def load_document(path: Path, *, shown_as: str | None = None) -> Document:
    """Read a YAML file.

    Args:
        path: The file, UTF-8.
        shown_as: How diagnostics name the file; the path itself by default.

    Raises:
        SpecError: SPEC001, it is not YAML.
    """
    file = shown_as or str(path)
    return parse_document(_decoded(path.read_bytes(), file), file=file)


def _decoded(content: bytes, file: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        found = f"byte 0x{content[error.start]:02X}"
        raise _no_text(file, before, "the file is not UTF-8", found, "save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _no_text(file: str, before: str, fact: str, found: str, help_: str) -> SpecError:
    """Return the mistake that the file holds what is no text, behind `before`."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    span = Span(file, line, column, column + 1)
    return SpecError([Diagnostic("SPEC001", fact, span, found=(found,), help=help_)])


def parse_document(text: str, *, file: str) -> Document:
    """Read YAML text; see `load_document`."""
    strange = _STRANGE.search(text)
    if strange:
        fact = "the file holds a control character"
        found = f"U+{ord(strange[0]):04X}"
        raise _no_text(file, text[: strange.start()], fact, found, "remove it")
    lines = tuple(text.split("\n"))
    try:
        root = yaml.compose(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        raise SpecError([_not_yaml(error, file, lines)]) from error
    reader = _Reader(file, lines)
    value: Value = {} if root is None else reader.read(root, ())
    if root is None:
        reader.values[()] = Mark(0, 0, 0, 0)
    return Document(
        file, lines, value, reader.keys, reader.values, tuple(reader.problems), tuple(reader.unread)
    )


def _not_yaml(error: yaml.MarkedYAMLError, file: str, lines: tuple[str, ...]) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    text = lines[line] if line < len(lines) else ""
    goes_on = _GOES_ON.fullmatch(text)
    if goes_on and column > goes_on.start("value"):
        fact = "the value begins with a quote and goes on behind it"
        column, end = goes_on.start("value"), len(text)
        help_ = f"put the whole value in the other quotes: {_quoted(goes_on['value'])}"
    else:
        fact, end = f"the file is not valid YAML: {error.problem or error.context}", column + 1
        help_ = "put quotes round a value that holds ': ' or ' #', and indent with blanks"
    return Diagnostic("SPEC001", fact, Span(file, line + 1, column + 1, end + 1, text), help=help_)


def _quoted(value: str) -> str:
    return f"'{value}'" if value.startswith('"') else f'"{value}"'


class _Reader:
    def __init__(self, file: str, lines: tuple[str, ...]) -> None:
        self.file, self.lines = file, lines
        self.keys: dict[Loc, Mark] = {}
        self.values: dict[Loc, Mark] = {}
        self.problems: list[Diagnostic] = []
        self.unread: list[Loc] = []
        self.seen: set[int] = set()

    def read(self, node: yaml.Node, loc: Loc) -> Value:
        self.values[loc] = _mark(node)
        if id(node) in self.seen:
            self.problem("SPEC004", "anchors and aliases are not used here", node, "write it out")
            self.unread.append(loc)
            return ""
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.read_mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*loc, index)) for index, item in enumerate(node.value)]
        return str(node.value)

    def read_mapping(self, node: yaml.MappingNode, loc: Loc) -> Value:
        found: dict[str, Value] = {}
        for key, item in node.value:
            name = str(key.value)
            if name in found:
                first = self.keys[(*loc, name)].line + 1
                self.problem(
                    "SPEC002",
                    f'"{name}" is written twice',
                    key,
                    f"keep one of the two; the first stands in line {first}",
                )
                continue
            self.keys[(*loc, name)] = _mark(key)
            if isinstance(item, yaml.ScalarNode) and not item.value and not item.style:
                help_ = "give it a value or remove the line"
                if node.flow_style:
                    help_ = IN_BRACES
                self.problem("SPEC003", f'"{name}" has no value', key, help_)
                self.unread.append((*loc, name))
            found[name] = self.read(item, (*loc, name))
        return found

    def problem(self, code: str, fact: str, node: yaml.Node, help_: str) -> None:
        mark = _mark(node)
        text = self.lines[mark.line]
        end = mark.end_column if mark.end_line == mark.line else len(text)
        span = Span(self.file, mark.line + 1, mark.column + 1, end + 1, text)
        self.problems.append(Diagnostic(code, fact, span, help=help_))


def _mark(node: yaml.Node) -> Mark:
    start, end = node.start_mark, node.end_mark
    value = str(node.value) if isinstance(node, yaml.ScalarNode) else None
    return Mark(start.line, start.column, end.line, end.column, value)

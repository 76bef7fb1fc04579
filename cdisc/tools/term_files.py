"""Entries added to mapping files of terms: what stands there stays, comments included."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

import yaml

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError, SpecError
from cdisc.source import Document, Loc, parse_document
from cdisc.tools.formatting import Kind, formatted

Entry: TypeAlias = str | Mapping[str, str]
Section: TypeAlias = tuple[str, str]

_STEP = "  "
_LONGEST_KEY = 1000  # characters of a key that stands on the line of its value
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same values, only sooner
_DIGITS = 4  # of a sign that is escaped in short
_PLAIN = "tag:yaml.org,2002:str"


def with_entries(text: str, kind: Kind, more: Mapping[Section, Mapping[str, Entry]]) -> str:
    """Return a file with more entries below names of its sections.

    Args:
        text: The file; empty for a new one.
        kind: What it is.
        more: Value, or values by key, of each new key, by section and name, such as
            ``("terms", "AESEV")``.

    Returns:
        The file in canonical form.

    Raises:
        SpecError: It is not YAML.
    """
    wanted: dict[Section, dict[str, object]] = {}
    for section, entries in more.items():
        document = _read(text) if text.strip() else None
        wanted[section] = _values(document, section)
        wanted[section] |= {key: _plain(one) for key, one in entries.items()}
        text = _added(text, document, section, entries)
    after = formatted(text, kind, file="terms")
    made = _read(after)
    if any(_values(made, section) != values for section, values in wanted.items()):
        # no text may make this happen
        raise RuntimeError("an entry would not be read as it was written")
    return after


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Write every file, or none.

    Raises:
        OutputError: OUT003, the disk refuses; the files are as they were.
    """
    kept = {path: path.read_bytes() if path.exists() else None for path in contents}
    partial = {path: path.with_name(f".{path.name}.partial") for path in contents}
    done: list[Path] = []
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial[path].write_bytes(content)
        for path in contents:
            os.replace(partial[path], path)  # noqa: PTH105  one step, or none
            done.append(path)
    except OSError as error:
        for path in done:
            before = kept[path]
            path.unlink() if before is None else path.write_bytes(before)
        for one in partial.values():
            one.unlink(missing_ok=True)
        fact = f'cannot write "{Path(error.filename or "").name}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error


def _read(text: str) -> Document:
    document = parse_document(text, file="terms")
    if document.problems:
        raise SpecError(document.problems)
    return document


def _values(document: Document | None, section: Section) -> dict[str, object]:
    found: object = document.value if document else {}
    for key in section:
        found = found.get(key, {}) if isinstance(found, dict) else {}
    assert isinstance(found, dict)
    return dict(found)


def _plain(value: Entry) -> object:
    return value if isinstance(value, str) else dict(value)


def _added(
    text: str, document: Document | None, section: Section, entries: Mapping[str, Entry]
) -> str:
    head, name = section

    def named(indent: str) -> list[str]:
        return [f"{indent}{_key(name)}:", *_block(entries, indent + _STEP)]

    if document is None or (head,) not in document.values:
        before = [text.rstrip("\n")] if text.strip() else []
        return "\n".join([*before, f"{head}:", *named(_STEP), ""])
    if section in document.values:
        return _below(document, section, lambda indent: _block(entries, indent), _flow(entries))
    return _below(document, (head,), named, f"{_flow_key(name)}: {{{_flow(entries)}}}")


def _below(document: Document, loc: Loc, block: Callable[[str], list[str]], flow: str) -> str:
    """Return the text of a document with more behind the last entry of a mapping.

    Args:
        document: The file.
        loc: The mapping.
        block: Gives the lines to add, indented, where entries stand one below the other.
        flow: What to add where they stand within braces.
    """
    lines = list(document.lines)
    mark = document.values[loc]
    if lines[mark.line][mark.column : mark.column + 1] == "{":
        line, at = mark.end_line, mark.end_column - 1
        before = lines[line][:at]
        written = before.rstrip() or next(
            (one.rstrip() for one in reversed(lines[:line]) if one.strip()), ""
        )
        comma = "" if written.endswith((",", "{")) else ","
        if before.strip():
            before = before.rstrip()
            comma += "" if before.endswith("{") else " "
        lines[line] = f"{before}{comma}{flow}{lines[line][at:]}"
        return "\n".join(lines)
    column = min(key.column for one, key in document.keys.items() if one[:-1] == loc)
    last = _last_line(document, loc)
    return "\n".join([*lines[: last + 1], *block(" " * column), *lines[last + 1 :]])


def _last_line(document: Document, loc: Loc) -> int:
    """Return the line on which the last entry of a mapping ends."""
    ends = []
    for place, mark in document.values.items():
        braces = document.lines[mark.line][mark.column : mark.column + 1] in ("{", "[")
        if place != loc and place[: len(loc)] == loc and (mark.value is not None or braces):
            ends.append(mark.end_line if mark.end_column else mark.end_line - 1)
    last = max(ends)
    while not document.lines[last].strip():
        last -= 1
    return last


def _block(entries: Mapping[str, Entry], indent: str) -> list[str]:
    """Return the lines of entries, one below the other."""
    lines: list[str] = []
    for key, value in entries.items():
        shown = _key(key)
        said = _value(value) if isinstance(value, str) else f"{{{_flow(value)}}}"
        if len(shown) > _LONGEST_KEY:
            lines += [f"{indent}? {shown}", f"{indent}: {said}"]
        else:
            lines.append(f"{indent}{shown}: {said}")
    return lines


def _flow(entries: Mapping[str, Entry]) -> str:
    """Return entries as they stand within braces."""
    parts = []
    for key, value in entries.items():
        shown = _flow_key(key)
        mark = "? " if len(shown) > _LONGEST_KEY else ""
        said = _flow_value(value) if isinstance(value, str) else f"{{{_flow(value)}}}"
        parts.append(f"{mark}{shown}: {said}")
    return ", ".join(parts)


def _key(text: str) -> str:
    return text if _is_plain(f"{text}: v", 0, text) else _quoted(text)


def _value(text: str) -> str:
    return text if _is_plain(f"k: {text}", 1, text) else _quoted(text)


def _flow_key(text: str) -> str:
    return text if _is_plain(f"{{{text}: v}}", 0, text) else _quoted(text)


def _flow_value(text: str) -> str:
    return text if _is_plain(f"{{k: {text}}}", 1, text) else _quoted(text)


@cache
def _is_plain(whole: str, at: int, text: str) -> bool:
    """Say whether a text without quotes is read as itself, by any reader of YAML."""
    if not text.isprintable():
        return False
    try:
        node = yaml.compose(whole, Loader=_LOADER)
    except yaml.YAMLError:
        return False
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
        return False
    found = node.value[0][at]
    plain = isinstance(found, yaml.ScalarNode) and not found.style and found.tag == _PLAIN
    return plain and found.value == text


def _quoted(text: str) -> str:
    """Return a text in quotes; what cannot be seen is escaped, such as blanks of any width."""
    if text.isprintable() and not set('"\\') & set(text):
        return f'"{text}"'
    if text.isprintable():
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    return '"' + "".join(_escaped(one) for one in text) + '"'


def _escaped(one: str) -> str:
    if one in '"\\':
        return f"\\{one}"
    if one.isprintable():
        return one
    if one in "\n\t":
        return {"\n": "\\n", "\t": "\\t"}[one]
    return f"\\U{ord(one):08x}" if len(f"{ord(one):x}") > _DIGITS else f"\\u{ord(one):04x}"

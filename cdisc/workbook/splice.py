"""A change of one value in a mapping file: all other lines, and their comments, stay."""

import yaml

from cdisc.source import Document, Loc, Mark, parse_document

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def scalar(text: str, *, flow: bool = True) -> str:
    """Return a text as YAML writes it on one line: plain, where that means the same."""
    text = " ".join(text.split())
    whole = f"{{k: {text}}}" if flow else f"k: {text}"
    try:
        node = yaml.compose(whole, Loader=_LOADER)
    except yaml.YAMLError:
        node = None
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        value = node.value[0][1]
        if isinstance(value, yaml.ScalarNode) and not value.style and value.value == text:
            return text
    if not set('"\\') & set(text):
        return f'"{text}"'
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def with_value(text: str, loc: Loc, value: str) -> str:
    """Return a file in which the value of a place that it has is another text."""
    document = parse_document(text, file="")
    flow = _in_flow(document, loc)
    return _replaced(document, document.values[loc], scalar(value, flow=flow))


def with_list(text: str, loc: Loc, values: list[str]) -> str:
    """Return a file in which the list of a place that it has is another one."""
    document = parse_document(text, file="")
    shown = ", ".join(scalar(one) for one in values)
    return _replaced(document, document.values[loc], f"[{shown}]")


def with_key(text: str, loc: Loc, key: str, value: str) -> str:
    """Return a file in which the block of a place says something more, or something else.

    A line that is an expression becomes a block with ``map:``.
    """
    document = parse_document(text, file="")
    mark = document.values[loc]
    if mark.value is not None:
        block = f"{{map: {scalar(mark.value)}, {key}: {scalar(value)}}}"
        return _replaced(document, mark, block)
    if (*loc, key) in document.values:
        return with_value(text, (*loc, key), value)
    lines = list(document.lines)
    if lines[mark.line][mark.column] == "{":
        at = mark.end_column - 1
        last = lines[mark.end_line]
        lines[mark.end_line] = f"{last[:at].rstrip()}, {key}: {scalar(value)}{last[at:]}"
    else:
        indent = " " * mark.column
        lines.insert(mark.line, f"{indent}{key}: {scalar(value, flow=False)}")
    return "\n".join(lines)


def with_line(text: str, section: Loc, name: str, value: str) -> str:
    """Return a file in which a section has a line more, at its end."""
    document = parse_document(text, file="")
    entries = [
        loc for loc in document.values if loc[:-1] == section and len(loc) == len(section) + 1
    ]
    lines = list(document.lines)
    if not entries:
        shown = f"{'  ' * len(section)}{name}: {scalar(value, flow=False)}"
        return _with_section(lines, document, section, shown)
    last = max(entries, key=lambda loc: document.values[loc].line)
    column = document.keys[last].column
    mark = document.values[last]
    if _in_flow(document, last):
        at = document.values[section]
        line = lines[at.end_line]
        cut = at.end_column - 1
        lines[at.end_line] = f"{line[:cut].rstrip()}, {name}: {scalar(value)}{line[cut:]}"
        return "\n".join(lines)
    below = _end(document, mark, column)[0] + 1
    lines.insert(below, f"{' ' * column}{name}: {scalar(value, flow=False)}")
    return "\n".join(lines)


def _with_section(lines: list[str], document: Document, section: Loc, shown: str) -> str:
    while lines and not lines[-1].strip():
        lines.pop()
    heads = [f"{'  ' * at}{one}:" for at, one in enumerate(section)]
    known = sum(section[: at + 1] in document.values for at in range(len(section)))
    return "\n".join([*lines, *heads[known:], shown, ""])


def _replaced(document: Document, mark: Mark, new: str) -> str:
    lines = list(document.lines)
    end_line, end_column = _end(document, mark)
    start, rest = lines[mark.line][: mark.column], lines[end_line][end_column:]
    lines[mark.line : end_line + 1] = [start + new + rest]
    return "\n".join(lines)


def _end(document: Document, mark: Mark, own: int | None = None) -> tuple[int, int]:
    """Return the last line and column of a value.

    A folded text, or a block, ends for YAML where the next thing begins; here with the last
    line that is further in than its own.
    """
    if mark.end_column or mark.end_line == mark.line:
        return mark.end_line, mark.end_column
    if own is None:
        own = _indent(document.lines[mark.line])
    inside = (
        at
        for at in range(min(mark.end_line, len(document.lines)) - 1, mark.line, -1)
        if document.lines[at].strip() and _indent(document.lines[at]) > own
    )
    line = next(inside, mark.line)
    return line, len(document.lines[line])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _in_flow(document: Document, loc: Loc) -> bool:
    above = (loc[:depth] for depth in range(len(loc)))
    marks = [document.values[one] for one in above if one in document.values]
    return any(document.lines[one.line][one.column : one.column + 1] in ("{", "[") for one in marks)

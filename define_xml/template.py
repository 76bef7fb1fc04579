"""The element of each class of the model, laid out once, and written for object after object.

A define.xml of a whole study has a hundred thousand elements of thirty classes. Which attributes
and elements a class has, and in what order, is known from `define_xml.binding` before the first
of them is written; what is left to do for an object is to put its values in between.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from define_xml.binding import BoundField, bound_fields

# All but the signs that stand for themselves wherever they stand.
_SPECIAL = re.compile("[^ !#-%'-;=?-~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})

Values = Sequence[Any]
Refused = Callable[[str, str | None, str], None]


class _Shape:
    """An element that holds values of one object: its attributes, and what stands in it.

    Attributes:
        attributes: Place of each value among those of the object, how its attribute begins, and
            whether a value that is false is written.
        text: Place of the value that is its text, or None.
        parts: What stands in it, in order.
        oid: Place of its OID among the values, or None.
    """

    def __init__(self) -> None:
        self.attributes: list[tuple[int, str, bool]] = []
        self.text: int | None = None
        self.parts: list[_Part | _Many] = []
        self.oid: int | None = None

    def take(self, index: int, field: BoundField, path: tuple[str, ...]) -> None:
        """Lay out a field whose value stands that far below this element."""
        own = field.many or field.is_model or field.place.fixed is not None
        if len(path) > 1 or (path and not own):
            self._shared(path[0]).take(index, field, path[1:])
        elif path:
            self.parts.append(_Many(index, field, path[0]))
        elif field.place.attribute is None:
            self.text = index
        else:
            name = field.place.attribute
            self.attributes.append((index, f' {name}="', field.place.says_no))
            self.oid = index if name == "OID" else self.oid

    def _shared(self, name: str) -> "_Shape":
        """Return the last element below this one, or a new one if that has another name."""
        last = self.parts[-1] if self.parts else None
        if not isinstance(last, _Part) or last.name != name:
            last = _Part(name, _Shape())
            self.parts.append(last)
        return last.shape


class _Part:
    """An element that several values of an object share; it is not there without any."""

    def __init__(self, name: str, shape: _Shape) -> None:
        self.name, self.shape = name, shape


class _Many:
    """An element for each value of a field."""

    def __init__(self, index: int, field: BoundField, name: str) -> None:
        self.index, self.name = index, name
        self.many, self.is_model = field.many, field.is_model
        fixed, attribute = field.place.fixed, field.place.attribute
        self.head = name if fixed is None else f'{name} {fixed[0]}="{fixed[1]}"'
        self.attribute = None if attribute is None else f' {attribute}="'


@cache
def _layout(model: type) -> tuple[_Shape, Callable[[Any], Values]]:
    """Return the element of a class, and what takes the values out of its objects."""
    shape, fields = _Shape(), bound_fields(model)
    for index, field in enumerate(fields):
        shape.take(index, field, field.place.path)
    names = [field.name for field in fields]
    if len(names) == 1:
        return shape, lambda owner: (getattr(owner, names[0]),)
    return shape, attrgetter(*names)


def render(name: str, owner: object, refused: Refused) -> str:
    """Return an object of the model as XML, indented by two blanks a level.

    Args:
        name: Name of its element, with the attributes that declare the prefixes of all names.
        owner: The object.
        refused: Is told of each text that XML cannot hold: the name of the element, the nearest
            OID, and the first such character. The text then stands without these characters.
    """
    writer = _Writer(refused)
    kind: type = type(owner)
    shape, get = _layout(kind)
    writer.element(shape, name, get(owner), "\n", None)
    return "".join(writer.parts)[1:] + "\n"


class _Writer:
    """Writes element after element."""

    def __init__(self, refused: Refused) -> None:
        self.parts: list[str] = []
        self._refused = refused

    def element(
        self, shape: _Shape, head: str, values: Values, indent: str, oid: str | None
    ) -> None:
        """Write an element with what stands in it."""
        put = self.parts.append
        put(f"{indent}<{head}")
        if shape.oid is not None:
            oid = values[shape.oid] or oid
        for index, key, says_no in shape.attributes:
            value = values[index]
            if value.__class__ is str and not _SPECIAL(value):
                put(f'{key}{value}"')
            elif value is not None and (value is not False or says_no):
                put(f'{key}{self._text(value, head, oid, _IN_ATTRIBUTE)}"')
        if shape.text is not None and values[shape.text] is not None:
            name = head.partition(" ")[0]
            put(f">{self._text(values[shape.text], head, oid, _IN_TEXT)}</{name}>")
        elif shape.parts:
            self._inside(shape, head, values, indent, oid)
        else:
            put("/>")

    def _inside(
        self, shape: _Shape, head: str, values: Values, indent: str, oid: str | None
    ) -> None:
        """Write what stands in an element, and its end."""
        parts = self.parts
        parts.append(">")
        before, deeper = len(parts), f"{indent}  "
        for part in shape.parts:
            if isinstance(part, _Many):
                value = values[part.index]
                if value is not None and value != ():
                    for one in value if part.many else (value,):
                        self._value(part, one, deeper, oid)
                continue
            start = len(parts)
            self.element(part.shape, part.name, values, deeper, oid)
            if len(parts) == start + 2 and parts[-1] == "/>":  # nothing stands in it
                del parts[start:]
        if len(parts) == before:
            parts[-1] = "/>"
        else:
            parts.append(f"{indent}</{head.partition(' ')[0]}>")

    def _value(self, part: _Many, value: Any, indent: str, oid: str | None) -> None:
        if part.is_model:
            kind: type = type(value)
            shape, get = _layout(kind)
            self.element(shape, part.head, get(value), indent, oid)
        elif part.attribute is None:
            text = self._text(value, part.head, oid, _IN_TEXT)
            self.parts.append(f"{indent}<{part.head}>{text}</{part.name}>")
        else:
            text = self._text(value, part.head, oid, _IN_ATTRIBUTE)
            self.parts.append(f'{indent}<{part.head}{part.attribute}{text}"/>')

    def _text(self, value: object, head: str, oid: str | None, signs: dict[int, str]) -> str:
        """Return a value as it stands in XML."""
        text = value if isinstance(value, str) else _as_text(value)
        if not _SPECIAL(text):
            return text
        bad = _NOT_XML.search(text)
        if bad is not None:
            self._refused(head.partition(" ")[0], oid, bad[0])
            text = _NOT_XML.sub("", text)
        return text.translate(signs)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)

"""Where the fields of the model stand in the XML, said once for writer and reader.

A field of `define_xml.model` carries a `Place`: the elements to go down from the
element of its owner, and the attribute or text that holds the value. The writer
and the reader both walk `bound_fields`, so they cannot disagree; the order of the
fields of a class is the order of the XML.
"""

import dataclasses
import types
import typing
from functools import cache

NAMESPACES = {
    "arm": "http://www.cdisc.org/ns/arm/v1.0",
    "odm": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, seen from the element of its owner.

    Attributes:
        path: Elements to go down, outermost first; ``def:`` marks the namespace.
        attribute: Attribute of the last element, or None for its text or the element itself.
        fixed: Constant attribute of the last element and its value, which tells it from its
            siblings, such as the language of a text.
        says_no: A false value is written as ``No``, not left out.
    """

    path: tuple[str, ...] = ()
    attribute: str | None = None
    fixed: tuple[str, str] | None = None
    says_no: bool = False


def attribute(name: str, *path: str, says_no: bool = False) -> Place:
    """Place a value in an attribute of the owner, or of an element below it."""
    return Place(path=path, attribute=name, says_no=says_no)


def content(*path: str) -> Place:
    """Place a value in the text of an element, or an object in an element."""
    return Place(path=path)


def english(*path: str) -> Place:
    """Place a text in a TranslatedText in English."""
    return Place(path=(*path, "TranslatedText"), fixed=("xml:lang", "en"))


def alias(context: str) -> Place:
    """Place a value in the name of the Alias of that context."""
    return Place(path=("Alias",), attribute="Name", fixed=("Context", context))


@dataclasses.dataclass(frozen=True, slots=True)
class BoundField:
    """A field of a model class, its place in the XML and the type of its values.

    `is_model` says that the values are objects of the model.
    """

    name: str
    place: Place
    type: type
    many: bool
    required: bool
    is_model: bool


@cache
def bound_fields(model: type) -> tuple[BoundField, ...]:
    """Return the fields of a model class that stand in the XML, in order of the XML."""
    hints = typing.get_type_hints(model, include_extras=True)
    fields = []
    for field in dataclasses.fields(model):
        hint = hints[field.name]
        if typing.get_origin(hint) is not typing.Annotated:
            continue
        inner, place = typing.get_args(hint)
        many = typing.get_origin(inner) is tuple
        required = not many and field.default is dataclasses.MISSING
        kind = _value_type(inner)
        held = dataclasses.is_dataclass(kind)
        fields.append(BoundField(field.name, place, kind, many, required, held))
    return tuple(fields)


def _value_type(hint: typing.Any) -> type:
    if typing.get_origin(hint) in {tuple, types.UnionType, typing.Union}:
        hint = typing.get_args(hint)[0]
    return typing.cast("type", hint)


@cache
def qualified(name: str) -> str:
    """Return the name of an element in Clark notation, ``{namespace}local``."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix or 'odm']}}}{local}"


@cache
def qualified_attribute(name: str) -> str:
    """Return the name of an attribute in Clark notation; plain names have no namespace."""
    return qualified(name) if ":" in name else name

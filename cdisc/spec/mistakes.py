"""What is wrong with the form of a file, said in its own words; and the rest of the file.

`explain` turns the findings of pydantic into diagnostics; `salvage` reads the file
once more without the parts that are wrong.
"""

import copy
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.source import Document, Loc, Value

Model = TypeVar("Model", bound=BaseModel)
Found = Mapping[str, Any]

_ROUNDS = 5
# An expression that is missing: it fits wherever the value that is wrong would have stood.
_NOTHING = "''"


def explain(
    document: Document, model: type[BaseModel], error: ValidationError
) -> Iterator[Diagnostic]:
    """Yield what pydantic found, in its place and in our words."""
    for one in error.errors(include_url=False):
        loc = _place(document, one)
        if any(loc[: len(unread)] == unread for unread in document.unread):
            continue
        if one["type"] == "missing":
            yield _missing(document, model, loc)
        elif one["type"] == "extra_forbidden":
            yield _unknown(document, model, loc)
        else:
            yield _wrong(document, model, loc, one)


def _missing(document: Document, model: type[BaseModel], loc: Loc) -> Diagnostic:
    above = ".".join(str(part) for part in loc[:-1])
    field = _field(model, loc)
    return Diagnostic(
        "SPEC006",
        f'{above or "the file"} has no "{loc[-1]}"',
        document.span(loc[:-1], key=True),
        expected=field.description if field else None,
        help=f'add "{loc[-1]}:"',
    )


def _unknown(document: Document, model: type[BaseModel], loc: Loc) -> Diagnostic:
    names = _names(model, loc[:-1])
    return Diagnostic(
        "SPEC005",
        f'"{loc[-1]}" is not known here',
        document.span(loc, key=True),
        expected=", ".join(names),
        help=did_you_mean(str(loc[-1]), names),
    )


def _wrong(
    document: Document, model: type[BaseModel], loc: Loc, one: Mapping[str, Any]
) -> Diagnostic:
    address = ".".join(str(part) for part in loc) or "the file"
    field = _field(model, loc)
    expected = field.description if field else None
    choices = one.get("ctx", {}).get("expected")
    if one["type"] == "literal_error":
        expected = str(choices)
    elif one["type"] == "string_too_long":
        expected = f"at most {one['ctx']['max_length']} characters"
    if one["loc"][-1] == "[key]":
        fact, expected = f'"{one["input"]}" cannot be a name', "1 to 8 of A-Z, 0-9 and _"
        return Diagnostic("SPEC007", fact, document.span(loc, key=True), expected=expected)
    value = one["input"] if isinstance(one["input"], str) else None
    return Diagnostic(
        "SPEC007", f"{address}: {_SAID.get(one['type'], one['msg']).format(value=value)}",
        document.span(loc), expected=expected,
    )  # fmt: skip


_SAID = {
    "string_pattern_mismatch": '"{value}" has not the form that is expected',
    "string_too_long": "the text is too long",
    "string_type": "one text is expected here",
    "literal_error": '"{value}" is none of the choices',
    "tuple_type": "a list is expected here",
    "dict_type": "lines of KEY: value are expected here",
    "model_type": "lines of KEY: value are expected here",
    "too_short": "this may not be empty",
}


def _place(document: Document, one: Found) -> Loc:
    """Return where an error is, without the names of a union's members in its path."""
    loc: Loc = ()
    for part in one["loc"]:
        if (*loc, part) in document.values:
            loc = (*loc, part)
    return (*loc, one["loc"][-1]) if one["type"] == "missing" else loc


def _names(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that may stand at a place of the file."""
    return sorted(
        {f.alias or n for one in _models(model, loc) for n, f in one.model_fields.items()}
    )


def _field(model: type[BaseModel], loc: Loc) -> FieldInfo | None:
    """Return the field that a place of the file, or the nearest place above it, fills."""
    while loc:
        for one in _models(model, loc[:-1]):
            for name, field in one.model_fields.items():
                if loc[-1] in (name, field.alias):
                    return field
        loc = loc[:-1]
    return None


def _models(model: type[BaseModel], loc: Loc) -> list[type[BaseModel]]:
    here: list[type[BaseModel]] = [model]
    for part in loc:
        below: list[type[BaseModel]] = []
        for one in here:
            field = next((f for n, f in one.model_fields.items() if part in (n, f.alias)), None)
            if field is not None:
                below += _mentioned(field.annotation)
        here = below or here
    return here


def _mentioned(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _mentioned(part)]


def salvage(
    document: Document,
    model: type[Model],
    error: ValidationError | None,
    stand_ins: Mapping[str, object],
) -> Model | None:
    """Read a file without what is wrong in it.

    Args:
        document: The file.
        model: What it should be.
        error: What pydantic found, or None where only values of the text are wrong.
        stand_ins: What stands in for a key of the file that is wrong or not there.

    Returns:
        The model, or None if what remains is too little.
    """
    value = copy.deepcopy(document.value)
    for loc in document.unread:
        _put_aside(value, loc, stand_ins)
    for _round in range(_ROUNDS):
        for one in reversed(error.errors(include_url=False) if error else ()):
            _mend(value, document, one, stand_ins)
        try:
            return model.model_validate(value)
        except ValidationError as again:
            error = again
    return None


def _mend(value: Value, document: Document, one: Found, stand_ins: Mapping[str, object]) -> None:
    loc = _place(document, one)
    holder = _holder(value, loc)
    if one["type"] == "missing" and isinstance(holder, dict):
        holder[str(loc[-1])] = typing.cast("Value", stand_ins.get(str(loc[-1]), _NOTHING))
    elif (one["type"] == "extra_forbidden" or one["loc"][-1] == "[key]") and isinstance(
        holder, dict
    ):
        holder.pop(str(loc[-1]), None)
    elif loc:
        _put_aside(value, loc, stand_ins)


def _put_aside(value: Value, loc: Loc, stand_ins: Mapping[str, object]) -> None:
    """Replace a value that is wrong, or remove it where nothing can stand in for it."""
    holder, key = _holder(value, loc), loc[-1]
    if isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        del holder[key]
    elif isinstance(holder, dict) and key in holder:
        if len(loc) == 1 and key in stand_ins:
            holder[str(key)] = typing.cast("Value", stand_ins[str(key)])
        elif loc[0] == "variables" or key == "map":
            holder[str(key)] = _NOTHING
        else:
            del holder[str(key)]


def _holder(value: Value, loc: Loc) -> "Value | None":
    """Return the mapping or list that holds a place, or None if it is gone."""
    for part in loc[:-1]:
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value

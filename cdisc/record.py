"""Frozen dataclasses that cost next to nothing to import.

A frozen dataclass compiles six functions when its module is imported: more than a millisecond
for each class, a tenth of a second for the classes that a short command imports and mostly
never uses. A record is such a dataclass, for readers, type checkers, `dataclasses.replace`
and ``match``; what compares, hashes and shows it is the same code for all of them, and its
``__init__`` is compiled when the first one is made.
"""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any, Generic, TypeVar, dataclass_transform, overload

Class = TypeVar("Class", bound=type)
Kind = TypeVar("Kind")

_set = object.__setattr__


class kept(Generic[Kind]):  # noqa: N801  a decorator
    """`functools.cached_property` without its lock, which costs more than most of what it keeps."""

    def __init__(self, find: Callable[[Any], Kind]) -> None:
        self.find, self.name, self.__doc__ = find, find.__name__, find.__doc__

    @overload
    def __get__(self, one: None, _owner: type) -> "kept[Kind]": ...

    @overload
    def __get__(self, one: object, _owner: type) -> Kind: ...

    def __get__(self, one: object | None, _owner: type) -> "kept[Kind] | Kind":
        if one is None:
            return self
        found = one.__dict__[self.name] = self.find(one)
        return found


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(*, slots: bool = False, kw_only: bool = False) -> Callable[[Class], Class]:
    """Make a class a frozen dataclass; ``order`` is not for records."""

    def make(cls: Class) -> Class:
        plain: Any = dataclasses.dataclass(
            init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
        )(cls)
        for name, method in _METHODS.items():
            if name not in cls.__dict__:
                setattr(plain, name, method)
        plain.__init__ = _first_init(plain)
        made: Class = plain
        return made

    return make


def changed(one: Kind, **changes: object) -> Kind:
    """Return a record with other values in some fields: `dataclasses.replace`, only sooner.

    Other frozen dataclasses may be changed too, if their ``__init__`` does no more than theirs.
    """
    kind = type(one)
    made = object.__new__(kind)
    for name in _FIELDS.get(kind) or _fields(kind):
        _set(made, name, changes[name] if name in changes else getattr(one, name))
    return made


_FIELDS: dict[type, tuple[str, ...]] = {}


def _fields(kind: Any) -> tuple[str, ...]:
    _FIELDS[kind] = tuple(one.name for one in dataclasses.fields(kind))
    return _FIELDS[kind]


def _first_init(cls: Any) -> Callable[..., None]:
    """Return what compiles the ``__init__`` of a record, and puts it in its own place."""

    def first(self: object, *args: object, **named: object) -> None:
        cls.__init__ = _init(cls)
        cls.__init__(self, *args, **named)

    return first


def _init(cls: Any) -> Callable[..., None]:
    """Compile the ``__init__`` of a record: its fields in order, those by keyword last."""
    fields = sorted(dataclasses.fields(cls), key=operator.attrgetter("kw_only"))
    given: dict[str, Any] = {"_set": _set}
    heads, lines = ["self"], []
    for one in fields:
        if one.kw_only and "*" not in heads:
            heads.append("*")
        value = one.name
        if one.default_factory is not dataclasses.MISSING:
            given[f"_make_{one.name}"], given["_absent"] = one.default_factory, _ABSENT
            heads.append(f"{one.name}=_absent")
            value = f"_make_{one.name}() if {one.name} is _absent else {one.name}"
        elif one.default is not dataclasses.MISSING:
            given[f"_default_{one.name}"] = one.default
            heads.append(f"{one.name}=_default_{one.name}")
        else:
            heads.append(one.name)
        lines.append(f"    _set(self, {one.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    made: dict[str, Any] = {}
    exec(f"def __init__({', '.join(heads)}):\n" + "\n".join(lines), given, made)  # noqa: S102  as dataclasses do
    init: Callable[..., None] = made["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


_ABSENT = object()
_COMPARED: dict[type, Callable[[Any], object]] = {}


def _compared(one: Any) -> object:
    """Return the values that two records are compared by."""
    kind = type(one)
    get = _COMPARED.get(kind)
    if get is None:
        names = [field.name for field in dataclasses.fields(kind) if field.compare]
        get = _COMPARED[kind] = _values_of(names)
    return get(one)


def _values_of(names: list[str]) -> Callable[[Any], object]:
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _equal(self: object, other: object) -> object:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: object) -> int:
    return hash(_compared(self))


def _shown(self: Any) -> str:
    fields = (one for one in dataclasses.fields(self) if one.repr)
    values = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields)
    return f"{type(self).__qualname__}({values})"


def _fixed(self: object, name: str, *_value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change {name!r} of {type(self).__qualname__}")


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _restored(self: Any, state: list[object]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        _set(self, one.name, value)


_METHODS: dict[str, Callable[..., object]] = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _shown,
    "__setattr__": _fixed,
    "__delattr__": _fixed,
    "__getstate__": _state,
    "__setstate__": _restored,
}

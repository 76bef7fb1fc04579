"""Documents laid over each other: what each says of a place, and in which file it says it."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Literal, TypeAlias

from cdisc.source import Document, File, Loc, Mark, Value

Rule: TypeAlias = Callable[[Loc], Literal["merge", "append", "replace"]]


def overlay(below: Document, above: Document, rule: Rule, dropped: Collection[Loc]) -> Document:
    """Lay a document over another one.

    Args:
        below: What holds where `above` says nothing.
        above: What is said of it.
        rule: What happens where both say something: the keys of both are taken, the
            items of both one after the other, or what is above alone.
        dropped: Places of `below` that are left out.
    """
    laid = _Overlay(above, rule, frozenset(dropped))
    value = laid.join(below, above, ())
    return dataclasses.replace(
        above,
        value=value,
        keys=laid.keys,
        values=laid.values,
        problems=(*below.problems, *above.problems),
        unread=tuple(laid.unread),
    )


def lay_beneath(document: Document, copies: Mapping[Loc, Loc]) -> Document:
    """Copy values to places of the document that do not have them; mappings key by key.

    Args:
        document: The document.
        copies: Place within a mapping: place of what stands there if nothing else does.
    """
    laid = _Overlay(document, lambda _loc: "merge", frozenset())
    laid.keys, laid.values = dict(document.keys), dict(document.values)
    laid.unread = list(document.unread)
    value = _copied(document.value)
    for to, loc in copies.items():
        above = _at(value, to[:-1])
        if isinstance(above, dict):
            laid.fill(document, loc, to, above)
    return dataclasses.replace(
        document, value=value, keys=laid.keys, values=laid.values, unread=tuple(laid.unread)
    )


class _Overlay:
    """Copies values with their places; lists that shrink or grow number their items anew.

    The places of `home`, whose file the result is of, need not say which file they are in.
    """

    def __init__(self, home: Document, rule: Rule, dropped: frozenset[Loc]) -> None:
        self.home, self.rule, self.dropped = home, rule, dropped
        self.keys: dict[Loc, Mark] = {}
        self.values: dict[Loc, Mark] = {}
        self.unread: list[Loc] = []

    def join(self, below: Document, above: Document, loc: Loc) -> Value:
        low, high = _at(below.value, loc), _at(above.value, loc)
        how = self.rule(loc)
        if how == "merge" and isinstance(low, dict) and isinstance(high, dict):
            self.values[loc] = self._mark(above, above.values[loc])
            found: dict[str, Value] = {}
            for name in dict.fromkeys([*low, *high]):
                at = (*loc, name)
                if name in high and name in low and at not in self.dropped:
                    self.keys[at] = self._mark(above, above.keys[at])
                    found[name] = self.join(below, above, at)
                elif name in high:
                    found[name] = self.take(above, at, at)
                elif at not in self.dropped:
                    found[name] = self.take(below, at, at, dropping=True)
            return found
        if how == "append" and isinstance(low, list) and isinstance(high, list):
            self.values[loc] = self._mark(above, above.values[loc])
            items = [(below, i) for i in range(len(low)) if (*loc, i) not in self.dropped]
            items += [(above, i) for i in range(len(high))]
            return [
                self.take(document, (*loc, index), (*loc, number), dropping=document is below)
                for number, (document, index) in enumerate(items)
            ]
        return self.take(above, loc, loc)

    def take(self, document: Document, loc: Loc, to: Loc, *, dropping: bool = False) -> Value:
        """Copy a value to a place, without what is dropped."""
        self.values[to] = self._mark(document, document.values[loc])
        if loc in document.keys:
            self.keys[to] = self._mark(document, document.keys[loc])
        if loc in document.unread:
            self.unread.append(to)
        value = _at(document.value, loc)
        if isinstance(value, dict):
            return {
                name: self.take(document, (*loc, name), (*to, name), dropping=dropping)
                for name in value
                if not (dropping and (*loc, name) in self.dropped)
            }
        if isinstance(value, list):
            kept = [i for i in range(len(value)) if not (dropping and (*loc, i) in self.dropped)]
            return [
                self.take(document, (*loc, index), (*to, number), dropping=dropping)
                for number, index in enumerate(kept)
            ]
        return value

    def fill(self, document: Document, loc: Loc, to: Loc, above: dict[str, Value]) -> None:
        """Copy a value to a place, or those of its keys that the place does not have."""
        name, below = str(to[-1]), _at(document.value, loc)
        inner = above.get(name)
        if inner is None:
            above[name] = self.take(document, loc, to)
        elif isinstance(inner, dict) and isinstance(below, dict):
            for key in below:
                self.fill(document, (*loc, key), (*to, key), inner)

    def _mark(self, document: Document, mark: Mark) -> Mark:
        if mark.file is not None or document is self.home:
            return mark
        return mark._replace(file=File(document.file, document.lines))


def _copied(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return list(map(_copied, value)) if isinstance(value, list) else value


def _at(value: Value, loc: Loc) -> Value:
    for part in loc:
        if isinstance(value, dict):
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
    return value

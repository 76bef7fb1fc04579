"""Reads a text by the tables of the grammar, and has each rule made as soon as it is complete.

Lark makes the tables (LALR(1), with a lexer for each state, which knows the tokens that can
stand there) and stays the reference: this gives what Lark gives, in a tenth of the time,
because it keeps places as two numbers and makes nothing of rules that only pass on. What it
refuses is for Lark to explain.

It knows what the grammar uses: no rule is empty, no terminal has flags, terminals of equal
priority are told apart by their length.
"""

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple, TypeAlias

_END: Final = "$END"
_WHOLE: Final = "start"
_SHIFT: Final = 0

Place: TypeAlias = dict[str, int]
_Part: TypeAlias = tuple[Any, int, int]  # value, start, end


class UnreadableError(Exception):
    """The text is none that the grammar makes."""


class _Rule(NamedTuple):
    """What becomes of the parts of a rule.

    Attributes:
        origin: What the rule makes.
        size: How many parts it has.
        kept: Index of each part that counts, and whether it is a list to be spliced in.
        spliced: Whether one of them is.
        passes: Whether a single part that counts stands for the whole.
        make: Gets the place of the whole, and the parts; None makes a list of them.
    """

    origin: str
    size: int
    kept: tuple[tuple[int, bool], ...]
    spliced: bool
    passes: bool
    make: Callable[..., Any] | None

    @property
    def changes_nothing(self) -> bool:
        """Whether it passes on its single part."""
        return self.passes and self.size == 1


class _Scanner(NamedTuple):
    """The tokens of a state; `words` are those that look like another token, by their text."""

    pattern: re.Pattern[str]
    words: Mapping[str, Mapping[str, str]]


class _State(NamedTuple):
    """What to do at each token: shift (the next state) or reduce (a rule).

    Attributes:
        number: Tells it from others.
        actions: By the kind of the token, or by what a rule made.
        scanner: Finds the next token.
        passed: What becomes of a state that stands on this one, by its number and the kind of
            the token: rules that pass on a single part change nothing but the state.
        after: The states that have been reached from it, by what led there.
    """

    number: int
    actions: Mapping[str, int | _Rule]
    scanner: _Scanner
    passed: dict[tuple[int, str], "_State"]
    after: dict[str, "_State"]


class Reader:
    """Reads texts of one grammar.

    Args:
        tables: ``data`` and ``memo`` of a parser, as Lark serializes them.
        builder: Has a method for each rule: it gets the place, then the parts.
    """

    def __init__(self, tables: Mapping[str, Any], builder: object) -> None:
        parser = tables["data"]["parser"]
        self._memo: Mapping[str, Any] = tables["memo"]
        self._rows: Mapping[str, Any] = parser["parser"]["states"]
        self._tokens: Mapping[str, str] = parser["parser"]["tokens"]
        self._start: int = parser["parser"]["start_states"][_WHOLE]
        self._ignored = frozenset[str](parser["lexer_conf"]["ignore"])
        held = (self._memo[str(one["@"])] for one in parser["lexer_conf"]["terminals"])
        self._terminals = sorted(held, key=_rank)
        self._words = {
            one["name"]: {
                other["pattern"]["value"]: other["name"]
                for other in self._terminals
                if _looks_like(other, one)
            }
            for one in self._terminals
            if _is_pattern(one)
        }
        self._rules = {key: _rule(one, builder) for key, one in self._memo.items() if _makes(one)}
        self._states: dict[int, _State] = {}
        self._scanners: dict[AbstractSet[str], _Scanner] = {}

    def read(self, text: str) -> Any:
        """Return what the builder makes of a text.

        Raises:
            UnreadableError: The grammar does not make the text.
        """
        # The last state, and those that it stands on: the one below it comes last.
        state, below, parts, at = self._state(self._start), list[_State](), list[_Part](), 0
        while True:
            kind, start, at = self._token(text, at, state.scanner)
            while True:
                if below:
                    passed = below[-1].passed.get((state.number, kind))
                    state = passed or self._pass_on(state, below[-1], kind)
                action = state.actions.get(kind)
                if not isinstance(action, _Rule):
                    break
                # the states of its parts but the first, whose own stands on what stays
                del below[len(below) - action.size + 1 :]
                _reduce(action, parts)
                if kind == _END and len(below) == 1 and action.origin == _WHOLE:
                    return parts[-1][0]
                origin = action.origin
                state = below[-1].after.get(origin) or self._after(below[-1], origin)
            below.append(state)
            state = state.after.get(kind) or self._after(state, kind)
            parts.append((text[start:at], start, at))

    def _pass_on(self, state: _State, below: _State, kind: str) -> _State:
        """Return a state, once each rule that passes on its single part has done so."""
        found = state
        while isinstance(rule := found.actions.get(kind), _Rule) and rule.changes_nothing:
            found = self._after(below, rule.origin)
        below.passed[state.number, kind] = found
        return found

    def _token(self, text: str, at: int, scanner: _Scanner) -> tuple[str, int, int]:
        """Return the kind of the next token, its start and its end."""
        while at < len(text):
            match = scanner.pattern.match(text, at)
            if match is None:
                raise UnreadableError
            kind, start, at = str(match.lastgroup), at, match.end()
            if kind not in self._ignored:
                words = scanner.words.get(kind)
                return words.get(match[0], kind) if words else kind, start, at
        return _END, at, at

    def _after(self, state: _State, symbol: str) -> _State:
        number = state.actions.get(symbol)
        if not isinstance(number, int):
            raise UnreadableError
        found = state.after[symbol] = self._state(number)
        return found

    def _state(self, number: int) -> _State:
        if number not in self._states:
            actions = {
                self._tokens[token]: target if kind == _SHIFT else self._rules[str(target["@"])]
                for token, (kind, target) in self._rows[str(number)].items()
            }
            scanner = self._scanner(actions.keys() | self._ignored)
            self._states[number] = _State(number, actions, scanner, {}, {})
        return self._states[number]

    def _scanner(self, names: AbstractSet[str]) -> _Scanner:
        terminals = [one for one in self._terminals if one["name"] in names]
        key = frozenset(one["name"] for one in terminals)
        if key not in self._scanners:
            words = {
                kind: {text: name for text, name in held.items() if name in names}
                for kind, held in self._words.items()
                if kind in names
            }
            hidden = {name for held in words.values() for name in held.values()}
            shown = (one for one in terminals if one["name"] not in hidden)
            pattern = "|".join(f"(?P<{one['name']}>{_regexp(one)})" for one in shown)
            self._scanners[key] = _Scanner(re.compile(pattern), words)
        return self._scanners[key]


def _reduce(rule: _Rule, parts: list[_Part]) -> None:
    """Put what a rule makes of the last parts in their place."""
    taken = parts[-rule.size :]
    start, end = taken[0][1], taken[-1][2]
    values: list[Any]
    if rule.spliced:
        values = []
        for index, spliced in rule.kept:
            values += taken[index][0] if spliced else taken[index][:1]
    else:
        values = [taken[index][0] for index, _spliced in rule.kept]
    made: Any = values
    if rule.passes and len(values) == 1:
        made = values[0]
    elif rule.make:
        made = rule.make({"start": start, "end": end}, *values)
    parts[-rule.size :] = [(made, start, end)]


def _makes(one: Mapping[str, Any]) -> bool:
    return "origin" in one


def _rule(one: Mapping[str, Any], builder: object) -> _Rule:
    origin, parts = one["origin"]["name"], one["expansion"]
    kept = tuple(
        (index, _is_list(part)) for index, part in enumerate(parts) if not part.get("filter_out")
    )
    alias = one["alias"]
    make = None if _is_list(one["origin"]) else getattr(builder, alias or origin, None)
    passes = one["options"]["expand1"] and not alias
    spliced = any(is_list for _index, is_list in kept)
    return _Rule(origin, len(parts), kept, spliced, passes, make)


def _is_list(symbol: Mapping[str, Any]) -> bool:
    """Say whether a part is one that Lark made of a repetition."""
    return bool(symbol["__type__"] == "NonTerminal" and symbol["name"].startswith("_"))


def _is_pattern(terminal: Mapping[str, Any]) -> bool:
    return bool(terminal["pattern"]["__type__"] == "PatternRE")


def _regexp(terminal: Mapping[str, Any]) -> str:
    value: str = terminal["pattern"]["value"]
    return value if _is_pattern(terminal) else re.escape(value)


def _rank(terminal: Mapping[str, Any]) -> tuple[int, int, int, str]:
    """Return the order in which terminals are tried: Lark's own."""
    pattern = terminal["pattern"]
    widest = pattern["_width"][1] if _is_pattern(terminal) else len(pattern["value"])
    return -terminal["priority"], -widest, -len(pattern["value"]), terminal["name"]


def _looks_like(terminal: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether a word is also a token of another kind, such as a name."""
    if _is_pattern(terminal) or terminal["priority"] != other["priority"]:
        return False
    return re.fullmatch(_regexp(other), terminal["pattern"]["value"]) is not None

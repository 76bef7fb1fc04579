"""A verb as it is written in one place: its words and operands, by the names of its arguments."""

from collections.abc import Callable

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Given, Use, Verb, Verbs


def bind(node: t.Call | t.Step, verbs: Verbs, span: Callable[[t.Node], Span]) -> Use | Diagnostic:
    """Tie a node to its verb and name its arguments.

    Args:
        node: The verb as it was written.
        verbs: The verbs that there are.
        span: Gives the place of a node.

    Returns:
        The verb with its arguments, or what is wrong: SPEC013 no such verb, SPEC012 its
        arguments do not fit.
    """
    verb = verb_of(node, verbs)
    if verb is None:
        return _unknown(node, "step" if isinstance(node, t.Step) else "call", verbs, span)
    given = _positional(node, verb) if isinstance(node, t.Call) else _Words(node, verb).read()
    if isinstance(given, str):
        fact = f"{verb.name}: {given}"
        place = node.words() if isinstance(node, t.Step) else node
        return Diagnostic("SPEC012", fact, span(place), expected=verb.usage())
    return Use(verb, node, given)


def verb_of(node: t.Call | t.Step, verbs: Verbs) -> Verb | None:
    """Return the verb that a node names, or None if there is none of that name."""
    return verbs.get(f"{'step' if isinstance(node, t.Step) else 'call'} {node.name}")


def _unknown(
    node: t.Call | t.Step, form: str, verbs: Verbs, span: Callable[[t.Node], Span]
) -> Diagnostic:
    # a step of a study has blanks in its name, so that no expression can call it
    names = sorted(v.name for v in verbs.values() if v.form == form and " " not in v.name)
    kind, other_form = ("step", "call") if form == "step" else ("function", "step")
    other = verbs.get(f"{other_form} {node.name}")
    return Diagnostic(
        "SPEC013",
        f'no {kind} is called "{node.name}"',
        span(_name(node)),
        expected=", ".join(names),
        help=f"write {other.usage()}" if other else did_you_mean(node.name, names),
    )


def _name(node: t.Call | t.Step) -> t.Node:
    start = node.name_start if isinstance(node, t.Step) else node.start
    return t.Word(value=node.name, start=start, end=start + len(node.name))


def _positional(node: t.Call, verb: Verb) -> dict[str, Given] | str:
    given: dict[str, Given] = {}
    rest = list(node.arguments)
    for argument in verb.arguments:
        if argument.many:
            if not rest and not argument.optional:
                return f"{argument.name} is not there"
            given[argument.name], rest = tuple(rest), []
        elif rest:
            given[argument.name] = rest.pop(0)
        elif not argument.optional:
            return f"{argument.name} is not there"
    return f"{len(rest)} more arguments than it takes" if rest else given


class _Words:
    """Reads the words after a step's name by the verb's arguments."""

    def __init__(self, node: t.Step, verb: Verb) -> None:
        self.verb, self.words = verb, list(node.arguments)
        self.given: dict[str, Given] = {}

    def read(self) -> dict[str, Given] | str:
        positional = [one for one in self.verb.arguments if not one.after]
        while self.words:
            argument = self.introduced()
            if argument is None:
                if not positional:
                    return f'"{_shown(self.words[0])}" is not expected'
                argument = positional.pop(0)
            if argument.name in self.given:
                return f'"{" ".join(argument.after)}" is written twice'
            wrong = self.take(argument)
            if wrong:
                return wrong
        for argument in self.verb.arguments:
            if argument.name not in self.given and not argument.optional:
                return f"{argument.usage()} is not there"
        return self.given

    def introduced(self) -> Argument | None:
        for argument in self.verb.arguments:
            if argument.after and self.begins_with(argument.after):
                del self.words[: len(argument.after)]
                return argument
        return None

    def begins_with(self, words: tuple[str, ...]) -> bool:
        given = self.words[: len(words)]
        return [one.value if isinstance(one, t.Word) else "" for one in given] == list(words)

    def take(self, argument: Argument) -> str | None:
        if argument.kind == "pairs":
            return self.take_pairs()
        found: list[t.Node | str] = []
        while self.words and (argument.many or not found):
            if found and any(self.begins_with(a.after) for a in self.verb.arguments if a.after):
                break
            value = _value(argument, self.words[0])
            if value is None:
                if found:
                    break
                return _unfit(argument, self.words[0])
            found.append(value)
            del self.words[0]
        if not found:
            return f"{argument.usage()} is not there"
        self.given[argument.name] = tuple(found) if argument.many else found[0]
        return None

    def take_pairs(self) -> str | None:
        pairs: list[tuple[str, str]] = []
        while self.words:
            pair = _pair(self.words[:3])
            if pair is None:
                return "write A to B C to D"
            pairs.append(pair)
            del self.words[:3]
        self.given["pairs"] = tuple(pairs)
        return None


def _unfit(argument: Argument, node: t.Node) -> str:
    if argument.choices:
        choices = ", ".join(argument.choices)
        return f'"{_shown(node)}" is none of {choices}'
    return f"{argument.usage()} is expected, not {_shown(node)}"


def _pair(nodes: list[t.Node]) -> tuple[str, str] | None:
    match [_word(node) for node in nodes]:
        case [str(left), "to", str(right)]:
            return left, right
    return None


def _word(node: t.Node) -> str | None:
    return node.value if isinstance(node, t.Word | t.Text | t.Number) else None


def _shown(node: t.Node) -> str:
    return _word(node) or (str(node) if isinstance(node, t.Ref) else "an expression")


def _value(argument: Argument, node: t.Node) -> t.Node | str | None:
    if argument.kind == "value":
        if isinstance(node, t.Word):
            return t.Ref(qualifier=None, name=node.value, start=node.start, end=node.end)
        return node
    if argument.kind == "text":
        return node.value if isinstance(node, t.Text) else None
    if argument.kind == "number":
        return node.value if isinstance(node, t.Number) else None
    word = _word(node)
    return word if not argument.choices or word in argument.choices else None

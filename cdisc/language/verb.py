"""What a verb is: one name, its arguments, and its renderings.

A verb is written after a pipe (``| iso 'm/d/y'``) or as a function
(``study_day(AESTDTC)``). One small file in `cdisc.functions` holds everything about
it: its arguments, its type rule, its SQL, its English and what it does to the
origin of a value. Nothing about a verb is known anywhere else.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias, TypedDict, Unpack

from cdisc.diagnostics import Diagnostic
from cdisc.language import tree as t
from cdisc.language.offers import GradedTerm, Terms
from cdisc.record import record

Type = Literal[
    "text", "number", "dtc", "date", "datetime", "time", "boolean", "missing", "literal", "records"
]  # fmt: skip
ArgumentKind = Literal["value", "text", "number", "word", "pairs"]
Effect = Literal["cleans", "assigns", "derives"]
Given: TypeAlias = "t.Node | str | tuple[t.Node | str, ...] | tuple[tuple[str, str], ...]"


@record(slots=True)
class Argument:
    """One argument of a verb.

    Attributes:
        name: How renderings ask for it.
        kind: ``value`` an expression; ``text`` a text in quotes; ``number`` digits;
            ``word`` a name or a text; ``pairs`` any number of ``A to B``.
        after: Words that introduce it, such as ``("not", "before")``; none if positional.
        many: Takes one or more.
        optional: May be left out.
        choices: The words allowed, for kind ``word``.
    """

    name: str
    kind: ArgumentKind
    after: tuple[str, ...] = ()
    many: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()

    def usage(self) -> str:
        """Return the argument as it is shown in help."""
        shown = {
            "value": self.name.upper(),
            "text": f"'{self.name}'",
            "number": self.name.upper(),
            "word": "|".join(self.choices) or self.name.upper(),
            "pairs": "A to B",
        }[self.kind]
        text = " ".join((*self.after, shown)) + (" ..." if self.many else "")
        return f"[{text}]" if self.optional else text


@record(slots=True)
class Companion:
    """A further variable that a verb writes beside its result.

    Attributes:
        name: The variable.
        tree: What makes it.
        qualifier: In tabulations it is a supplemental qualifier of the variable, unless the
            standard has variables of the kind.
        label: Its label, with ``{label}`` for that of the variable; None if the standard has one.
    """

    name: str
    tree: t.Node
    qualifier: bool = False
    label: str | None = None


class Scope(Protocol):
    """What a verb may ask of the study while it is checked and rendered."""

    @property
    def target(self) -> str:
        """The variable that the expression makes."""

    @property
    def target_type(self) -> Type:
        """The type that the standard or the spec gives that variable."""

    def reference(self, name: str) -> t.Ref | None:
        """A reference that the standard implies, such as the reference start date."""

    def terms(self, name: str | None) -> Terms | Diagnostic:
        """Terms of that name, or of the variable's codelist."""

    def numbers(self, name: str) -> Mapping[str, str] | Diagnostic:
        """Terms of that name, all of whose values are numbers."""

    def table(self, name: str) -> Mapping[str, Mapping[str, str]] | Diagnostic:
        """Columns of a study table, each a mapping of key to value."""

    def table_rows(
        self, name: str
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | Diagnostic:
        """Columns and rows of a study table, whose first column need not be a key."""

    def decodes(self, variable: str) -> Mapping[str, str] | Diagnostic:
        """Name of each term of the codelist of a test code variable."""

    def grading(self, name: str) -> Sequence[GradedTerm] | Diagnostic:
        """Terms of a grading table, of the study or of all studies."""

    def conversions(self) -> Mapping[str, str]:
        """Factor, by ``analyte|from|to``; the analyte is empty where any fits."""


@record()
class Use:
    """A verb as used in one place: its arguments by name."""

    verb: "Verb"
    node: t.Call | t.Step
    given: Mapping[str, Given]

    @property
    def operand(self) -> t.Node:
        """The expression before the pipe, or the first argument of a function."""
        if isinstance(self.node, t.Step):
            return self.node.operand
        return self.node.arguments[0]

    def node_of(self, name: str) -> t.Node | None:
        """Return an argument of kind ``value``, or None if it was left out."""
        value = self.given.get(name)
        assert value is None or isinstance(value, t.Node)
        return value

    def nodes(self, name: str) -> tuple[t.Node, ...]:
        """Return an argument of kind ``value`` that takes many."""
        value = self.given.get(name, ())
        assert isinstance(value, tuple)
        return tuple(one for one in value if isinstance(one, t.Node))

    def text(self, name: str, default: str | None = None) -> str | None:
        """Return an argument of kind text, number or word."""
        value = self.given.get(name, default)
        assert value is None or isinstance(value, str)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an argument of kind text or word that takes many."""
        value = self.given.get(name, ())
        assert isinstance(value, tuple)
        return tuple(one for one in value if isinstance(one, str))

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of ``A to B``."""
        value = self.given.get("pairs", ())
        assert isinstance(value, tuple)
        return tuple(one for one in value if isinstance(one, tuple))


class Advice(TypedDict, total=False):
    """What a mistake may say beside the fact."""

    expected: str | None
    help: str | None


class Typing(Protocol):
    """The checker, as a verb's type rule sees it."""

    scope: Scope

    def type_of(self, node: t.Node) -> Type:
        """Type of an operand."""

    def problem(
        self, code: str, fact: str, node: t.Node | None = None, **more: Unpack[Advice]
    ) -> Type:
        """Note a mistake at a node; the type to go on with is missing, which fits everywhere."""

    def require(self, node: t.Node, *allowed: Type) -> Type:
        """Note a mistake unless the node has one of the types."""


class Sql(Protocol):
    """The compiler, as a verb's SQL rendering sees it."""

    scope: Scope

    def sql(self, node: t.Node) -> str:
        """SQL of an operand."""

    def type_of(self, node: t.Node) -> Type:
        """Type of an operand."""

    def chained(self, node: t.Node) -> str:
        """SQL of an operand that may be empty text, for a step that makes the same of both."""

    def column(self, node: t.Node) -> str:
        """SQL of an operand as a plain column: for what names it more than once."""

    def is_field(self, node: t.Node) -> bool:
        """Whether an operand is a collected field of the record, with pure steps at most."""

    def is_collected(self, node: t.Node) -> bool:
        """Whether an operand reads a collected field rather than a variable."""

    def mapped(self, name: str, key: str, rows: Mapping[str, str], *, number: bool = False) -> str:
        """SQL of `rows[key]`, by a join with a small table of that name."""

    def once(
        self, operands: Sequence[t.Node], layers: Sequence[Mapping[str, str]], name: str
    ) -> tuple[tuple[str, ...], str]:
        """SQL of the operands, and of the value that layers of columns make of them.

        Layers are evaluated once per distinct operands (``x``, or ``x1``, ``x2`` and so
        on where they are several), each on the one before; the last one has the column
        ``value``.
        """

    def looked_up(self, name: str, columns: Mapping[str, Mapping[str, str]], key: str) -> str:
        """Alias of a study table, joined where its first column is `key`."""

    def joined(
        self, name: str, columns: Mapping[str, Sequence[str]], on: Callable[[str], str]
    ) -> str:
        """Alias of a small table, joined by a condition over that alias that finds one row."""

    def over_records(
        self,
        operands: Sequence[t.Node],
        query: Callable[[str, Sequence[str]], str],
        name: str,
    ) -> tuple[tuple[str, ...], str]:
        """SQL of the operands, and the alias of a query over all records, joined by its ``_id``.

        `query` takes the relation of the records and the columns of the operands in it. Only
        for a verb that is `setwise`.
        """

    def table(self, name: str, rows: Mapping[str, str]) -> str:
        """SQL name of a small table with the columns ``key`` and ``value``."""

    def audit(self, code: str, condition: str, found: str) -> None:
        """Report the records that meet a condition, with the value found.

        Without a code nothing is reported; the terms inbox notes what was looked up.
        """


class Words(Protocol):
    """The writer of English, as a verb's rendering sees it."""

    scope: Scope

    def say(self, node: t.Node) -> str:
        """English of an operand."""

    def after(self, node: t.Node, words: str) -> str:
        """English of an operand with words behind it that speak of all of it."""

    def several(self, nodes: Sequence[t.Node], word: str) -> str:
        """English of operands one after the other, numbered where they are long."""

    def note(self, sentence: str) -> None:
        """Say a sentence once, behind the derivation: a rule that would break it."""

    def type_of(self, node: t.Node) -> Type:
        """Type of an operand."""


class R(Protocol):
    """The writer of R, as a verb's rendering sees it."""

    scope: Scope

    def r(self, node: t.Node) -> str:
        """R of an operand, a vector with NA for missing."""

    def type_of(self, node: t.Node) -> Type:
        """Type of an operand."""

    def named(self, name: str, rows: Mapping[str, str]) -> str:
        """Name of a named vector with these rows, which is printed above."""


@record(slots=True)
class Verb:
    """One verb.

    Attributes:
        name: As written.
        form: ``step`` after a pipe, ``call`` as a function.
        arguments: In order; a function's arguments are all of kind ``value``.
        summary: What it does, for help and the reference.
        missing: What happens to missing values.
        rule: Type rule.
        sql: SQL rendering.
        english: English rendering, a noun phrase; None if that of what it stands for will do.
        effect: ``cleans`` keeps Collected, ``assigns`` makes Assigned, ``derives`` Derived.
        example: A line that uses it.
        source: Section of the standard that decides it, or None.
        companions: Further variables that it writes.
        values: Every value that it may give, with decodes, where that is known.
        prelude: Definition of the SQL macro that its SQL uses, or nothing.
        may_be_empty: Its SQL may give empty text, which stands for missing.
        pure: Its SQL names nothing but its operand, which may be any SQL.
        costly: Worth evaluating once per distinct value of a field.
        by_distinct: Evaluated over the distinct values of variables of all records.
        setwise: Looks at other records, and so cannot stand inside a choice or a summary.
        gives: Every text that it can give; what else it gives is missing. None if that is open.
        partial: Whether it may give a date that is not complete; as its operands if left out.
        implies: Names of references that it makes on its own, for dependencies.
        expands: The longer expression that it stands for, over its arguments; then `sql`
            and `r` are never asked. Nodes that it makes up need no place.
        r: R rendering, over the functions of ``cdisc/rlang/semantics.R``; None if there is none.
    """

    name: str
    form: Literal["step", "call"]
    summary: str
    missing: str
    rule: Callable[[Use, Typing], Type]
    sql: Callable[[Use, Sql], str]
    english: Callable[[Use, Words], str] | None
    example: str
    arguments: tuple[Argument, ...] = ()
    effect: Effect = "derives"
    source: str | None = None
    companions: Callable[[Use, str], tuple[Companion, ...]] | None = None
    values: Callable[[Use, Scope], tuple[tuple[str, str | None], ...]] | None = None
    prelude: str = ""
    may_be_empty: bool = False
    pure: bool = False
    costly: bool = False
    by_distinct: bool = False
    setwise: bool = False
    gives: Callable[[Use, Scope], Collection[str] | None] | None = None
    partial: Callable[[Use], bool] | None = None
    implies: Callable[[Use, Scope], tuple[t.Ref, ...]] | None = None
    expands: Callable[[Use, Scope], t.Node] | None = None
    r: Callable[[Use, R], str] | None = None

    def usage(self) -> str:
        """Return how the verb is written."""
        if self.form == "call":
            return f"{self.name}({', '.join(argument.usage() for argument in self.arguments)})"
        return " ".join(("|", self.name, *(argument.usage() for argument in self.arguments)))


Verbs = Mapping[str, Verb]

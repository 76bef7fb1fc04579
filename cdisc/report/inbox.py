"""The terms inbox for people: collected values that no term matches, and what they may mean."""

import dataclasses
import itertools
import json
import textwrap
import unicodedata
from collections.abc import Iterator

from cdisc.record import record
from cdisc.report.text import count

_WIDTH = 80
_VALUE = 58
_COLUMN = "  {:>8} {:>8}  {}"
_UNDER = " " * 21
HIDDEN = "(hidden)"


@record(slots=True)
class Suggestion:
    """A term that a value resembles.

    Attributes:
        term: The term: a submission value, a number, the key of a table.
        text: The text of it that is nearest: the term, a synonym, the preferred term.
        score: How near, of 100.
    """

    term: str
    text: str
    score: int


@record(slots=True)
class InboxValue:
    """A collected value that no term matches.

    Attributes:
        variable: ``DATASET.VARIABLE``.
        step: The verb that looked it up.
        where: What it was looked for in: the name of a codelist, of terms, of a table.
        code: NCI code of the codelist, or None.
        extensible: Whether the codelist is; None without a codelist.
        terms: The study's terms that an accepted value is written to; None where the step
            takes none, such as ``map``.
        value: As the step saw it.
        records: How many records of the dataset have it.
        subjects: How many distinct ones.
        forms: Forms that it was collected with.
        first: File and row of the first record.
        line: Place in the spec.
        nearest: Suggestions, the nearest first; nothing is mapped by them.
        choices: Every term, where they are few.
    """

    variable: str
    step: str
    where: str
    code: str | None
    extensible: bool | None
    terms: str | None
    value: str
    records: int
    subjects: int
    forms: tuple[str, ...]
    first: str
    line: str
    nearest: tuple[Suggestion, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def list_said(self) -> str:
        """The step and what it looked in, with its code and whether it may be extended."""
        if self.code is None:
            return self.step if self.where == self.step else f"{self.step}, {self.where}"
        closed = "extensible" if self.extensible else "not extensible"
        return f"{self.step}, codelist {self.where} {self.code}, {closed}"


@record(slots=True)
class UnusedTerm:
    """A term of the study that no collected value matches."""

    terms: str
    text: str
    value: str
    line: str


@record(slots=True)
class Inbox:
    """What waits for a person.

    Attributes:
        study_id: STUDYID.
        values: Every value, those of one line of the spec together.
        unused: Terms of the study that nothing matches.
        hidden: Collected values are left out.
    """

    study_id: str
    values: tuple[InboxValue, ...]
    unused: tuple[UnusedTerm, ...] = ()
    hidden: bool = False

    @property
    def groups(self) -> tuple[tuple[InboxValue, tuple[InboxValue, ...]], ...]:
        """The values of each step of a line, behind one that stands for all of them."""
        grouped = itertools.groupby(
            self.values, key=lambda one: (one.variable, one.line, one.step, one.where)
        )
        members = [tuple(found) for _key, found in grouped]
        return tuple((found[0], found) for found in members)

    def without_values(self) -> "Inbox":
        """Return the inbox without collected values: counts and places stay.

        Suggestions resemble the values, and terms that are not used tell which were not
        collected: both go as well.
        """
        values = (dataclasses.replace(one, value=HIDDEN, nearest=()) for one in self.values)
        return dataclasses.replace(self, values=tuple(values), unused=(), hidden=True)


def render_inbox_json(inbox: Inbox) -> str:
    """Write the inbox as one JSON object."""
    waiting = [
        {key: part for key, part in dataclasses.asdict(one).items() if key != "choices"}
        for one in inbox.values
    ]
    for one in waiting if inbox.hidden else ():
        del one["value"], one["nearest"]
    unused = [dataclasses.asdict(one) for one in inbox.unused]
    whole = {"study": inbox.study_id, "values_hidden": inbox.hidden, "waiting": waiting}
    return json.dumps(whole | {"unused": unused}, ensure_ascii=False, indent=2) + "\n"


def render_inbox_text(inbox: Inbox) -> str:
    """Write the inbox as it fits a terminal of 80 columns.

    Long values are cut, with their length; JSON, Excel and the page have them whole.
    """
    return "\n".join(_lines(inbox)) + "\n"


def _lines(inbox: Inbox) -> Iterator[str]:
    for head, values in inbox.groups:
        said = f"{head.variable}: {head.list_said}"
        yield from textwrap.wrap(said, _WIDTH, subsequent_indent="  ")
        yield f"  {head.line}"
        yield _COLUMN.format("records", "subjects", "value")
        for one in values:
            shown = HIDDEN if inbox.hidden else _cut(json.dumps(one.value, ensure_ascii=False))
            yield _COLUMN.format(f"{one.records:,}", f"{one.subjects:,}", shown)
            yield from _wrapped(f"{', '.join(one.forms) or 'no form'}: {one.first}")
            if one.nearest:
                yield from _wrapped("near: " + ", ".join(_said(near) for near in one.nearest))
        yield ""
    if inbox.unused:
        yield "Terms of the study that no collected value matches"
    for name, found in itertools.groupby(inbox.unused, key=lambda one: one.terms):
        members = list(found)
        yield f"  {name}  {members[0].line}"
        for term in members:
            yield f"    {_cut(json.dumps(term.text, ensure_ascii=False))}: {_cut(term.value)}"
    if inbox.unused:
        yield ""
    yield f"{count(len(inbox.values), 'value')} waiting" + (
        "; values are hidden: counts only" if inbox.hidden else ""
    )


def _said(near: Suggestion) -> str:
    text = f" ({near.text})" if near.text != near.term else ""
    return f"{near.term}{text} {near.score}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=_UNDER, subsequent_indent=_UNDER + "  ")


def _cut(text: str) -> str:
    """Return a text that takes at most the width of a value; wide characters count twice."""
    taken, width = 0, 0
    for one in text:
        width += 2 if unicodedata.east_asian_width(one) in "WF" else 1
        if width > _VALUE:
            break
        taken += 1
    if taken == len(text):
        return text
    size = f"... ({count(len(text) - 2, 'character')})"
    return text[: max(taken - len(size), 1)] + size

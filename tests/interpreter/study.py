"""A study small enough to be worked out record by record, variable by variable, on demand."""

import dataclasses
import functools

from cdisc.diagnostics import Span
from cdisc.language import tree as t
from cdisc.language.parser import parse


@functools.cache
def parsed(text):
    """Return the tree of an expression."""
    return parse(text, lambda start, end: Span("line", 1, start + 1, end + 1, text)).tree


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A dataset: the form or dataset that gives its records, its keys, its lines."""

    name: str
    source: str
    keys: tuple[str, ...]
    lines: dict[str, t.Node]
    types: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(eq=False)
class Record:
    """One record: of a form, with its fields, or of a dataset, with the values known so far."""

    place: int
    subject: str
    values: dict[str, object]
    dataset: Dataset | None = None
    source: "Record | None" = None


class Study:
    """Forms and datasets, with their records in the order of the files.

    Args:
        forms: Rows of each form by field; empty text is missing. SUBJ is the subject.
        datasets: By name.
        usubjid: Makes the subject's name from the field.
        tables: Columns of each table, each a mapping of key to value; the key column first.
        terms: Terms by name.
    """

    def __init__(self, forms, datasets, usubjid=lambda one: one, tables=None, terms=None):
        self.datasets = {one.name: one for one in datasets}
        self.tables, self.terms = tables or {}, terms or {}
        self.found = {
            name: [
                Record(place, usubjid(row["SUBJ"]), {k: v or None for k, v in row.items()})
                for place, row in enumerate(rows)
            ]
            for name, rows in forms.items()
        }

    def records(self, name):
        """Return the records of a form or a dataset, in the order of the file."""
        if name not in self.found:
            dataset = self.datasets[name]
            self.found[name] = [
                Record(one.place, one.subject, {"USUBJID": one.subject}, dataset, one)
                for one in self.records(dataset.source)
            ]
        return self.found[name]

    def value(self, record, name):
        """Return the value of a field, or of a variable, which is worked out once."""
        if name not in record.values:
            from tests.interpreter.expressions import Evaluation

            dataset = record.dataset
            if name.endswith("SEQ") and name not in dataset.lines:
                value = self.sequence(record)
            else:
                evaluation = Evaluation(self, record, dataset.types.get(name))
                value = evaluation.of(dataset.lines[name])
                if isinstance(value, str) and dataset.types.get(name) != "dtc":
                    value = str(value)
            record.values[name] = value
        return record.values[name]

    def sequence(self, record):
        """Return the number of a record within its subject, in key order."""
        of_subject = [
            one for one in self.records(record.dataset.name) if one.subject == record.subject
        ]
        ordered = sorted(
            of_subject,
            key=lambda one: (
                [sortable(self.value(one, key)) for key in record.dataset.keys],
                one.place,
            ),
        )
        return float(ordered.index(record) + 1)


def sortable(value):
    """Return what sorts missing first, numbers by value, texts by their bytes."""
    if isinstance(value, str):
        return (True, value.encode())
    return (value is not None, value)

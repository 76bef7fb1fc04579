"""What a reference means: a form's field, a dataset's variable, a named condition."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.engine.program import RowSource, Target
from cdisc.language import tree as t
from cdisc.language.verb import Type
from cdisc.record import record

_DELIMITERS = (";", "\t", "|", ",")
ROW_VALUES: Mapping[str, Mapping[str, Type]] = {
    "rows": {"subject": "text", "source": "number"},
    "test": {"code": "text"},
    "param": {"code": "text", "label": "text", "order": "number", "start": "date"},
    "winner": {
        "date": "date",
        "cnsr": "number",
        "event": "text",
        "censoring": "text",
        "domain": "text",
        "variable": "text",
        "sequence": "number",
    },
    "relate": dict.fromkeys(("domain", "idvar", "idvarval", "reltype", "relid"), "text"),
    "supp": {
        "idvar": "text",
        "idvarval": "text",
        "qnam": "text",
        "qlabel": "text",
        "qval": "text",
        "qorig": "text",
        "qeval": "text",
    },
}

_KINDS = {
    "test": ("melt",),
    "param": ("params",),
    "winner": ("params",),
    "supp": ("supp", "group"),
    "relate": ("relate",),
}
_WHERE = {
    "test": "records of a melt have it: rows: {melt: FORM, tests: ...}",
    "param": "records of parameters have it: rows: params for each DATASET",
    "winner": "records of parameters have it: rows: params for each DATASET",
}


@record()
class Meaning:
    """What references mean in one place of one dataset.

    Attributes:
        dataset: The dataset whose line it is, or the form for a form's own expressions.
        sources: The dataset's row sources.
        bare: What a bare name is: a variable of the dataset, or a field of the form.
        forms: Forms with their fields, or None where the fields are not known.
        datasets: Every dataset with its variables.
        variable_type: Type of a variable of a dataset.
        constants: Values such as ``study.id``.
        let: Names of conditions.
        columns: Columns of the dataset's melts.
        unread: Datasets whose files cannot be read: nothing is said of their variables.
        tables: Study tables with their columns.
        single: Datasets with one record a subject: those are found by subject, also on
            records that were made from another of several sources.
    """

    dataset: str
    sources: Sequence[RowSource]
    bare: Literal["variables", "fields"]
    forms: Mapping[str, Sequence[str] | None]
    datasets: Mapping[str, Collection[str]]
    variable_type: Callable[[str, str], Type]
    constants: Mapping[str, str]
    let: Collection[str] = ()
    columns: Sequence[str] = ()
    unread: Sequence[str] = ()
    tables: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    single: Collection[str] = ()

    def of(self, ref: t.Ref, locate: t.Expression, *, counted: bool = False) -> Target | Diagnostic:
        """Return what a reference means, or why it means nothing.

        What stands behind ``any`` or ``count`` is `counted`: a bare name there is a dataset or a
        form, whatever fields are called.
        """
        if counted and ref.qualifier is None and (records := self._records(ref.name)):
            return records
        if ref.is_other() and (ref.qualifier or self.bare == "variables"):
            found = self._another(ref.name if ref.qualifier else "")
        elif ref.qualifier is None or (ref.qualifier == "new" and ".made" in self.dataset):
            found = self._bare(ref)
        else:
            found = self._qualified(ref.qualifier, ref.name)
        if isinstance(found, Diagnostic):
            return dataclasses.replace(found, span=locate.span(ref))
        return found

    def _bare(self, ref: t.Ref) -> Target | Diagnostic:
        name = ref.name
        if name in self.let:
            return Target("let", "", name, "boolean")
        if self.bare == "fields":
            return self._field(self.dataset, name, "field")
        if name == "sequence":
            return Target("sequence", self.dataset, name, "number")
        if name in self.datasets.get(self.dataset, ()):
            return Target("own", self.dataset, name, self.variable_type(self.dataset, name))
        if records := self._records(name):
            return records
        if name in self.unread:
            return Target("constant", name, "", "missing")
        if not self.dataset:
            return Diagnostic(
                "SPEC017",
                f'"{name}" stands for nothing here',
                expected="DATASET.VARIABLE, form.FIELD, or a condition above",
                help=did_you_mean(name, self.let),
            )
        own = self.datasets.get(self.dataset, ())
        elsewhere = sorted(
            one for one, names in self.datasets.items() if name in names and "." not in one
        )
        help_ = f"write {elsewhere[0]}.{name}" if elsewhere else None
        help_ = help_ or did_you_mean(name, [*own, *self.let]) or f"a text is written '{name}'"
        return Diagnostic("SPEC017", f'{shown(self.dataset)} has no variable "{name}"', help=help_)

    def _records(self, name: str) -> Target | None:
        """Return a whole dataset or form, or None if there is none of that name."""
        if name in self.datasets:
            return Target("dataset", name, "", "records")
        return Target("records", name, "", "records") if name in self.forms else None

    def _qualified(self, qualifier: str, name: str) -> Target | Diagnostic:
        constant = self.constants.get(f"{qualifier}.{name}")
        if constant is not None:
            kind: Type = "dtc" if constant[:4].isdigit() and constant[4:5] == "-" else "text"
            return Target("constant", qualifier, constant, kind)
        tests: Mapping[str, Type] = dict.fromkeys(self.columns, "text")
        values = {**ROW_VALUES, "test": {**tests, **ROW_VALUES["test"]}}.get(qualifier, {})
        if name in values:
            return self._row_value(qualifier, name, values[name])
        if qualifier in self.forms:
            return self._field(qualifier, name, self._kind_of(qualifier))
        if qualifier in self.datasets:
            return self._variable(qualifier, name)
        if qualifier in self.unread:
            return Target("constant", qualifier, "", "missing")
        if qualifier in self.tables:
            return self._column(qualifier, name)
        known = [one.partition(".")[2] for one in self.constants if one.startswith(f"{qualifier}.")]
        known += [*ROW_VALUES.get(qualifier, ()), *(self.columns if qualifier == "test" else ())]
        if known:
            return Diagnostic(
                "SPEC017",
                f'"{qualifier}" has no "{name}"',
                expected=", ".join(sorted(known)),
                help=did_you_mean(name, known),
            )
        datasets = [one for one in self.datasets if "." not in one]
        return no_source(qualifier, self.forms, datasets)

    def _row_value(self, qualifier: str, name: str, kind: Type) -> Target | Diagnostic:
        """Return what a record has from a source that makes other records than a form does."""
        wanted = _KINDS.get(qualifier)
        known = wanted is None or self.bare == "fields" or not self.dataset or "." in self.dataset
        if known or any(source.kind in (wanted or ()) for source in self.sources):
            return Target("row", qualifier, name, kind)
        fact = f"no record of {self.dataset} has a value of {qualifier}"
        return Diagnostic("SPEC017", fact, help=_WHERE.get(qualifier))

    def _another(self, name: str) -> Target | Diagnostic:
        """Return what is meant by a variable of another record; no name means the records."""
        if self.bare == "fields" or not self.dataset:
            fact = f'"{t.OTHER}" means another record of a data set, and there is none here'
            return Diagnostic("SPEC045", fact, help="make it a variable of the data set")
        if not name:
            return Target("another", self.dataset, "", "records")
        found = self._variable(self.dataset, name)
        return dataclasses.replace(found, kind="another") if isinstance(found, Target) else found

    def _column(self, table: str, name: str) -> Target | Diagnostic:
        """Return a column of the study table that records are made from."""
        columns = self.tables[table]
        if not self._is_source(table):
            fact = f'no records of {shown(self.dataset)} come from the table "{table}"'
            return Diagnostic("SPEC042", fact, help=f"write: KEY | lookup {table} {name}")
        if name not in columns:
            fact, listed = f'table "{table}" has no column "{name}"', ", ".join(columns)
            help_ = did_you_mean(name, columns)
            return Diagnostic("SPEC042", fact, expected=listed, help=help_)
        return Target("row", table, name, "text", table=True)

    def _kind_of(self, form: str) -> Literal["row", "form", "field"]:
        """Return what a field of a form is: of the record at hand, of its source, or of another."""
        if self.bare == "fields" and form == self.dataset:
            return "field"
        return "row" if self._is_source(form) else "form"

    def _is_source(self, name: str) -> bool:
        return any(name in (source.name, source.expect) for source in self.sources)

    def _field(
        self, form: str, name: str, kind: Literal["row", "form", "field"]
    ) -> Target | Diagnostic:
        fields = self.forms[form]
        if fields is not None and name not in fields:
            return no_field(form, name, fields)
        return Target(kind, form, name, "text")

    def _variable(self, dataset: str, name: str) -> Target | Diagnostic:
        names = self.datasets[dataset]
        if name not in names:
            fact = f'{shown(dataset)} has no variable "{name}"'
            return Diagnostic("SPEC017", fact, help=did_you_mean(name, names))
        kind: Literal["own", "row", "other"] = "other"
        if dataset == self.dataset:
            kind = "own"
        elif self._is_source(dataset) and not (len(self.sources) > 1 and dataset in self.single):
            kind = "row"
        return Target(kind, dataset, name, self.variable_type(dataset, name))


def shown(dataset: str) -> str:
    """Return the name that people know: of a stage such as ``X.base``, that of the dataset."""
    return dataset.partition(".")[0]


def _typed(character: str) -> str:
    return '"\\t"' if character == "\t" else f'"{character}"'


def no_field(form: str, name: str, fields: Sequence[str], span: Span | None = None) -> Diagnostic:
    """Return the mistake that a form has no such field; one field may be many, cut wrongly."""
    likely = [one for one in _DELIMITERS if len(fields) == 1 and one in fields[0]]
    return Diagnostic(
        "SPEC019",
        f'form {form} has no field "{name}"',
        span,
        expected=", ".join(fields),
        help=f"declare the character that stands between the fields: delimiter: {_typed(likely[0])}"
        if likely
        else did_you_mean(name, fields),
    )


def no_source(name: str, forms: Iterable[str], datasets: Iterable[str]) -> Diagnostic:
    """Return the mistake that a name is neither a form nor a dataset."""
    kind, names = ("form", sorted(forms)) if name.islower() else ("dataset", sorted(datasets))
    return Diagnostic(
        "SPEC018",
        f'there is no {kind} "{name}"',
        expected=", ".join(names) or None,
        help=did_you_mean(name, names),
    )

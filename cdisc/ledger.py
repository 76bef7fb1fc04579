"""The ledger: where every raw record and every raw field went, or why it did not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import DatasetPlan, Program
from cdisc.engine.run import Result
from cdisc.report.model import LedgerField, LedgerForm, LedgerUse

# What a form itself reads of its fields: no dataset has them by that.
_OF_THE_FORM = {"subject", "where"}


def account(program: Program, result: Result) -> tuple[LedgerForm, ...]:
    """Return one entry a form: records used and excluded, fields used and not.

    Args:
        program: The study.
        result: What its run gave.
    """
    readers = _readers(program)
    forms = []
    for form in program.forms.values():
        uses = [use for use in result.uses if use.form == form.name]
        used = [
            LedgerUse(one.dataset, one.line, one.used, one.reason) for one in uses if one.dataset
        ]
        excluded = [
            LedgerUse(one.dataset, one.line, one.excluded, one.reason or "no test has a result")
            for one in uses
            if one.excluded
        ]
        fields = tuple(
            LedgerField(
                name,
                tuple(sorted(readers[form.name].get(name, ()))),
                form.block.not_used.get(name, ""),
            )
            for name in form.fields or ()
        )
        records = result.records[form.name]
        looked_up = any(set(field.used_by) - _OF_THE_FORM for field in fields)
        forms.append(
            LedgerForm(
                form=form.name,
                file=form.block.file,
                records=records,
                uses=tuple(used),
                excluded=tuple(excluded),
                fields=fields,
                unaccounted=0 if used or looked_up else records,
            )
        )
    return tuple(forms)


def _readers(program: Program) -> dict[str, dict[str, set[str]]]:
    """Return, by form and field, the variables that read it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for plan in program.datasets.values():
        for read in (_read_by_variables(program, plan), _read_by_rows(program, plan)):
            for name, field, said in read:
                found[name][field].add(said)
    for form in program.forms.values():
        for checked, said in ((form.subject, "subject"), (form.where, "where")):
            for ref, _target in checked.refs() if checked is not None else ():
                found[form.name][ref.name].add(said)
    return found


def _read_by_variables(program: Program, plan: DatasetPlan) -> Iterator[tuple[str, str, str]]:
    """Yield form, field and reader of each field that a variable names."""
    for variable in plan.variables.values():
        for ref, target in variable.checked.refs():
            if target.qualifier in program.forms and target.kind in ("row", "form", "field"):
                said = f"{plan.shown}.{variable.name.removeprefix('supp:')}"
                yield target.qualifier, ref.name, said


def _read_by_rows(program: Program, plan: DatasetPlan) -> Iterator[tuple[str, str, str]]:
    """Yield form, field and reader of each field that makes records."""
    for source in plan.sources:
        for checked in (source.where, source.keep):
            for ref, target in checked.refs() if checked is not None else ():
                if target.qualifier in program.forms:
                    yield target.qualifier, ref.name, f"{plan.shown} (rows)"
        if source.melt is not None:
            fields = set(program.forms[source.name].fields or ())
            for cell in (cell for cells in source.tests.values() for cell in cells):
                if cell in fields:
                    yield source.name, cell, f"{plan.shown} (tests)"


def check_ledger(program: Program, ledger: Iterable[LedgerForm]) -> tuple[Diagnostic, ...]:
    """Find raw fields that nothing reads and for which no reason is given, and lost records.

    Args:
        program: The study.
        ledger: Its ledger.
    """
    found = []
    for form in ledger:
        span = program.forms[form.form].span
        silent = [field.name for field in form.unused if not field.reason]
        if silent:
            found.append(
                Diagnostic(
                    "DATA013",
                    f'form "{form.form}" has fields that no line uses',
                    span,
                    found=(", ".join(silent),),
                    help="use them, or name them under not_used: with the reason",
                    records=form.records,
                )
            )
        if form.unaccounted:
            found.append(
                Diagnostic(
                    "DATA014",
                    f'no line uses the records of form "{form.form}"',
                    span,
                    found=(f"{form.unaccounted} records in {form.file}",),
                    help="use the form in rows: or in an expression, or remove it from study.yaml",
                    records=form.unaccounted,
                )
            )
    return tuple(found)


def check_delivery(program: Program, files: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Find delivered files that no form names and for which no reason is given.

    Args:
        program: The study.
        files: Every file of the raw folder, relative to it, with forward slashes.
    """
    loaded = program.loaded
    forms = program.forms.values()
    known = {one for form in forms for one in form.block.delivered} | set(loaded.study.not_used)
    silent = sorted(file for file in files if file not in known)
    if not silent:
        return ()
    return (
        Diagnostic(
            "DATA021",
            f"{len(silent)} delivered file{'s are' if len(silent) > 1 else ' is'} named by no form",
            loaded.document.span(("raw",), key=True),
            found=tuple(silent),
            help="declare a form for it, or name it under not_used: of study.yaml with the reason",
        ),
    )

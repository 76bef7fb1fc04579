"""The raw forms: whose record each is, which are left out, which fields are there."""

import dataclasses

from cdisc.diagnostics import Diagnostic
from cdisc.engine.expressions import Expressions
from cdisc.engine.lines import implied, nothing, parse_at
from cdisc.engine.meaning import no_field
from cdisc.engine.program import Checked, FormPlan
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.verb import Type
from cdisc.source import Loc
from cdisc.spec.folders import said_by_folder


def plan_form(expressions: Expressions, name: str, number: int) -> FormPlan:
    """Return a raw form; what is wrong with it is noted."""
    draft = expressions.draft
    block, fields = draft.study.raw[name], draft.fields[name]
    if name == t.OTHER:
        draft.problems.append(
            Diagnostic(
                "SPEC045",
                f'"{name}" means another record of a data set, and cannot name a form',
                draft.loaded.document.span(("raw", name), key=True),
                help="give the form another alias",
            )
        )
    subject = _checked(expressions, name, "subject", block.subject, "text")
    where = _checked(expressions, name, "where", block.where, "boolean") if block.where else None
    document = draft.loaded.document
    named = [
        (one, document.span(("raw", name, "not_used", one), key=True)) for one in block.not_used
    ]
    # a library, and a folder, speak of fields that a form of this delivery need not have
    named = [
        (one, place)
        for one, place in named
        if place.file == document.file
        and not said_by_folder(document, block.file, name, ("not_used", one))
    ]
    named += [
        (one, document.span(("raw", name, "record", at))) for at, one in enumerate(block.record)
    ]
    for field, place in named:
        if fields is not None and field not in fields:
            draft.problems.append(no_field(name, field, fields, place))
    known = tuple(fields) if fields is not None else None
    span = draft.loaded.document.span(("raw", name), key=True)
    return FormPlan(name, block, number, known, subject, where, span)


def check_usubjid(expressions: Expressions) -> Checked:
    """Return the expression of ``usubjid:``, which knows one name: the subject of a form."""
    draft = expressions.draft
    text, loc = draft.study.study.usubjid, ("study", "usubjid")
    expression = parse_at(draft.loaded.document, text, loc, draft.problems)
    scope = VariableScope(draft.vocabulary, implied()["subject"], "text")
    meaning = dataclasses.replace(expressions.meaning("subject"), forms={"subject": ("subject",)})
    return expressions.check(
        expression or nothing(text, draft.loaded.document.span(loc)), meaning, scope, "text"
    )


def _checked(expressions: Expressions, name: str, key: str, text: str, wanted: Type) -> Checked:
    draft = expressions.draft
    loc: Loc = ("raw", name, key)
    expression = parse_at(draft.loaded.document, text, loc, draft.problems)
    if expression is None:
        expression = nothing(text, draft.loaded.document.span(loc))
    scope = VariableScope(draft.vocabulary, f"{name}.subject", "text")
    return expressions.check_of_record(expression, expressions.meaning(name), scope, wanted)

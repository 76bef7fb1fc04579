"""Check the analysis results of a define.xml.

Source:
    Analysis Results Metadata 1.0.
"""

from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.words import Looked


def check_results(looked: Looked) -> Iterator[Diagnostic]:
    """Find displays and results that leave something out, or use what is not theirs.

    Yields:
        DEF032 and DEF042.
    """
    for display in looked.define.displays:
        yield from _display(looked, display)


def _display(looked: Looked, display: model.ResultDisplay) -> Iterator[Diagnostic]:
    if not display.description:
        yield looked.found("DEF032", f'display "{display.name}" has no title', display.oid)
    if not display.results:
        yield looked.found("DEF042", f'display "{display.name}" shows no result', display.oid)
    for result in display.results:
        yield from _result(looked, result)


def _result(looked: Looked, result: model.AnalysisResult) -> Iterator[Diagnostic]:
    oid = result.oid
    if not result.description:
        yield looked.found("DEF032", f'result "{oid}" has no title', oid)
    for what, text in (("reason", result.reason), ("purpose", result.purpose)):
        if not text.strip():
            yield looked.found("DEF042", f'result "{oid}" has no {what}', oid)
    if not result.datasets:
        yield looked.found("DEF042", f'result "{oid}" is made of no dataset', oid)
    if len(result.datasets) > 1 and not result.comment_oid:
        fact = f'result "{oid}" does not say how its datasets are joined'
        yield looked.found("DEF042", fact, oid)
    used = {one.item_group_oid for one in result.datasets}
    home = looked.homes.get(result.parameter_oid or "")
    if home is not None and home.oid not in used:
        fact = f'the parameter of "{oid}" is of {home.name}, which is not analysed'
        yield looked.found("DEF042", fact, oid)
    for data in result.datasets:
        yield from _data(looked, oid, data)


def _data(looked: Looked, oid: str, data: model.AnalysisDataset) -> Iterator[Diagnostic]:
    group = looked.groups.get(data.item_group_oid)
    clause = looked.clauses.get(data.where_clause_oid or "")
    asked = [one.item_oid for one in clause.range_checks] if clause else []
    if group is None:
        return
    held = {ref.item_oid for ref in group.item_refs}
    for one in (*data.variable_oids, *asked):
        if one in looked.items and one not in held:
            fact = f'result "{oid}" uses "{one}" as a variable of {group.name}'
            yield looked.found("DEF042", fact, oid)

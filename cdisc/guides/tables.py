"""The tables of a reviewer's guide, each made from the facts of a package."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow.compute as pc

from cdisc.diagnostics import catalogue
from cdisc.guides.facts import Facts, Issue
from cdisc.guides.model import TO_WRITE, Paragraph, Part, Table
from cdisc.guides.texts import Said, read_guide
from define_xml.model import ItemGroup, ItemRef

_REFERENCE = re.compile(r"\b([A-Z][A-Z0-9]{1,7})\.[A-Z_][A-Z0-9_]{0,7}\b")
_SUBJECT, _SUPPLEMENT = "USUBJID", "SUPP"
_SEVERE = ("error", "warning", "note")


def groups(facts: Facts, which: str) -> tuple[ItemGroup, ...]:
    """Return the datasets that a section is about.

    Args:
        facts: The stage.
        which: ``all``, ``trial_design``, or ``subject_data``: all that are neither design
            nor supplemental qualifiers.
    """
    design = [one for one in facts.define.item_groups if _class(one) == "TRIAL DESIGN"]
    if which == "trial_design":
        return tuple(design)
    own = (one for one in facts.define.item_groups if not one.name.startswith(_SUPPLEMENT))
    return tuple(own if which == "all" else (one for one in own if one not in design))


def about(facts: Facts, group: ItemGroup) -> Iterator[Part]:
    """Yield what the section of one dataset says of it."""
    counted = _counted(facts, group.name)
    yield Paragraph(f"{group.structure.rstrip('.')}. {counted}")
    comments = {one.oid: one.description for one in facts.define.comments}
    if comment := comments.get(group.comment_oid or ""):
        yield Paragraph(comment)
    yield from _qualifiers(facts, group.name)


def tables_of(name: str, facts: Facts, said: Said) -> Iterator[Part]:
    """Yield a table by its name in ``specs/guides``, or a sentence that there is nothing."""
    yield from _TABLES[name](facts, said)


def _table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str
) -> Iterator[Part]:
    if rows:
        yield Table(caption, tuple(columns), tuple(tuple(row) for row in rows))
    else:
        yield Paragraph(nothing)


def _acronyms(_facts: Facts, _said: Said) -> Iterator[Part]:
    rows = list(read_guide("acronyms").items())
    yield from _table("Acronyms", ("Acronym", "Translation"), rows, "")


def _standards(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [
        (f"{one.name} {one.publishing_set or ''}".strip(), one.type, one.version)
        for one in facts.define.standards
    ]
    externals = (one.external for one in facts.define.codelists if one.external)
    rows += [(one.dictionary or "", "Dictionary", one.version or "") for one in externals]
    rows.append(("Define-XML", "Data definitions", facts.define.define_version))
    caption = "Standards and dictionaries"
    yield from _table(caption, ("Standard or Dictionary", "Kind", "Version"), rows, "")


def _protocol(facts: Facts, said: Said) -> Iterator[Part]:
    names = said["titles"]
    table = facts.tables.get(names["dataset"]) or facts.others.get(names["dataset"])
    values: dict[str, str] = {}
    if table is not None:
        codes = table.column(names["code"]).to_pylist()
        values = dict(zip(codes, table.column(names["value"]).to_pylist(), strict=True))
    define = facts.define
    rows = [
        ("Protocol", define.protocol_name),
        ("Title", values.get(names["title"]) or define.study_description),
        ("Registry identifier", values.get(names["number"]) or ""),
    ]
    yield from _table("The protocol", ("Item", "Value"), [row for row in rows if row[1]], "")


def _trial_design(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [_line(facts, one)[:_OF_DESIGN] for one in groups(facts, "trial_design")]
    nothing = "Trial design datasets are not included in the submission."
    yield from _table("Trial design datasets", _COLUMNS[:_OF_DESIGN], rows, nothing)


def _datasets(facts: Facts, _said: Said) -> Iterator[Part]:
    which = "subject_data" if facts.stage == "sdtm" else "all"
    rows = [_line(facts, one) for one in groups(facts, which)]
    yield from _table("Datasets", _COLUMNS, rows, "There is no dataset.")


_COLUMNS = ("Dataset", "Label", "Class", "Keys", "Records", "Subjects", "Supplemental qualifiers")
_OF_DESIGN = 5  # the first of these columns: the design has no subjects


def _line(facts: Facts, group: ItemGroup) -> tuple[str, ...]:
    table = facts.tables.get(group.name)
    supplement = facts.tables.get(_SUPPLEMENT + group.name)
    names = {one.oid: one.name for one in facts.define.items}
    keyed = [one for one in group.item_refs if one.key_sequence]
    return (
        group.name,
        group.description or "",
        _class(group),
        ", ".join(names[one.item_oid] for one in sorted(keyed, key=_sequence)),
        "" if table is None else f"{table.num_rows:,}",
        _subjects(facts, group.name),
        "" if supplement is None else _SUPPLEMENT + group.name,
    )


def _sequence(ref: ItemRef) -> int:
    return ref.key_sequence or 0


def _class(group: ItemGroup) -> str:
    return group.class_.name if group.class_ else ""


def _subjects(facts: Facts, name: str) -> str:
    table = facts.tables.get(name)
    if table is None or _SUBJECT not in table.column_names:
        return ""
    return f"{pc.count_distinct(table.column(_SUBJECT), mode='only_valid').as_py():,}"


def _counted(facts: Facts, name: str) -> str:
    table = facts.tables.get(name)
    if table is None:
        return "The transport file is not in the package."
    subjects = _subjects(facts, name)
    of = f" of {subjects} subjects" if subjects else ""
    return f"The dataset has {table.num_rows:,} records{of}."


def _qualifiers(facts: Facts, name: str) -> Iterator[Part]:
    """Yield the supplemental qualifiers of a dataset, with how often each occurs."""
    table = facts.tables.get(_SUPPLEMENT + name)
    if table is None:
        return
    names = ("QNAM", "QLABEL", "QORIG", "QEVAL")
    there = [one for one in names if one in table.column_names]
    counted = table.group_by(there).aggregate([([], "count_all")])
    counted = counted.sort_by([(one, "ascending") for one in there])
    rows = [
        tuple("" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
              for value in row.values())
        for row in counted.select([*there, "count_all"]).to_pylist()
    ]  # fmt: skip
    caption = f"Supplemental qualifiers in {_SUPPLEMENT}{name}"
    yield from _table(caption, (*there, "Records"), rows, "")


def _splits(facts: Facts, _said: Said) -> Iterator[Part]:
    domains: dict[str, list[str]] = {}
    for one in groups(facts, "all"):
        domains.setdefault(one.domain or one.name, []).append(one.name)
    rows = [(domain, ", ".join(some)) for domain, some in domains.items() if len(some) > 1]
    yield from _table("Split datasets", ("Domain", "Datasets"), rows, "No dataset is split.")


def _needs(facts: Facts) -> dict[str, list[str]]:
    """Return the datasets that each dataset takes values from, as define.xml says it."""
    methods = {one.oid: one for one in facts.define.methods}
    items = {one.oid: one for one in facts.define.items}
    known = {*facts.tables, *facts.others, *(one.name for one in facts.define.item_groups)}
    found: dict[str, list[str]] = {}
    for group in facts.define.item_groups:
        texts: list[str] = []
        for ref in group.item_refs:
            texts += [one.description or "" for one in items[ref.item_oid].origins]
            method = methods.get(ref.method_oid or "")
            texts += [one.text for one in method.expressions] if method else []
            texts += [method.description or ""] if method else []
        named = {match for text in texts for match in _REFERENCE.findall(text)}
        found[group.name] = sorted((named & known) - {group.name})
    return found


def _dependencies(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [(name, ", ".join(some)) for name, some in _needs(facts).items() if some]
    columns = ("Dataset", "Takes values from")
    nothing = "No dataset takes values from another one."
    yield from _table("Dependencies between datasets", columns, rows, nothing)


def _sources(facts: Facts, _said: Said) -> Iterator[Part]:
    own = {one.name for one in facts.define.item_groups}
    users: dict[str, list[str]] = {}
    for name, some in _needs(facts).items():
        for one in some:
            if one not in own:
                users.setdefault(one, []).append(name)
    rows = [(name, ", ".join(users[name])) for name in sorted(users)]
    columns = ("Tabulation dataset", "Used by")
    yield from _table("Source data", columns, rows, "define.xml names no tabulation dataset.")


def _documents(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [(one.title, one.href) for one in facts.define.leaves]
    nothing = "define.xml names no annotated CRF and no other document."
    yield from _table("Documents", ("Title", "File"), rows, nothing)


def _core(facts: Facts, said: Said) -> Iterator[Part]:
    items = {one.oid: one for one in facts.define.items}
    names = {
        one.name: {items[ref.item_oid].name: items[ref.item_oid] for ref in one.item_refs}
        for one in facts.define.item_groups
    }
    subjects = names.pop(said["core"], {})
    shared = [one for one in subjects if names and all(one in some for some in names.values())]
    rows = [(one, subjects[one].description or "") for one in shared]
    nothing = f"No variable of {said['core']} is in all other datasets."
    caption = f"Variables of {said['core']} that all other datasets have"
    yield from _table(caption, ("Variable", "Label"), rows, nothing)


def _treatment(facts: Facts, said: Said) -> Iterator[Part]:
    items = {one.oid: one for one in facts.define.items}
    found: dict[tuple[str, str], list[str]] = {}
    for group in facts.define.item_groups:
        for ref in group.item_refs:
            item = items[ref.item_oid]
            if re.match(said["treatment"], item.name):
                found.setdefault((item.name, item.description or ""), []).append(group.name)
    rows = [(*key, ", ".join(some)) for key, some in found.items()]
    columns = ("Variable", "Label", "Datasets")
    yield from _table("Treatment variables", columns, rows, "There is no treatment variable.")


def _imputations(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [
        (one.oid.removeprefix("MT."), one.description or "")
        for one in facts.define.methods
        if one.type == "Imputation"
    ]
    columns = ("Variable", "Method")
    yield from _table("Variables that are imputed", columns, rows, "No variable is imputed.")


def _own_issues(facts: Facts) -> list[Issue]:
    """Return the findings about this stage, the severe first.

    What is about no dataset, or about one that is lacking, is told with the tabulations.
    """
    own = {one.name for one in facts.define.item_groups}
    first = facts.stage == "sdtm"
    there = [
        one
        for one in facts.issues
        if one.dataset in own or (first and one.dataset not in facts.others)
    ]
    return sorted(there, key=lambda one: (_SEVERE.index(one.severity), one.code, one.place))


def _issues(facts: Facts, _said: Said) -> Iterator[Part]:
    counts = Counter((one.severity, one.code) for one in _own_issues(facts))
    explained = Counter((one.severity, one.code) for one in _own_issues(facts) if one.explained)
    what = {
        one.code: catalogue()[one.code].title if one.code in catalogue() else one.fact
        for one in _own_issues(facts)
    }
    rows = [
        (key[1], key[0], what[key[1]], str(count), str(explained[key]))
        for key, count in counts.items()
    ]  # fmt: skip
    columns = ("Rule", "Severity", "What it finds", "Findings", "Explained")
    yield from _table("Findings by rule", columns, rows, "The checks found nothing.")


def _findings(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [
        (
            one.code,
            one.severity,
            one.place,
            one.fact,
            "" if one.records is None else f"{one.records:,}",
            one.explained or ("" if one.severity == "note" else f"{TO_WRITE}why it stays"),
        )
        for one in _own_issues(facts)
    ]
    columns = ("Rule", "Severity", "Where", "Finding", "Records", "Explanation")
    yield from _table("Findings", columns, rows, "The checks found nothing.")


def _criteria(facts: Facts, said: Said) -> Iterator[Part]:
    names = said["criteria"]
    table = facts.tables.get(names["dataset"])
    nothing = f"{names['dataset']} is not in the package, so the criteria are not listed."
    if table is None:
        yield Paragraph(nothing)
        return
    there = [at for at, one in enumerate(names["columns"]) if one in table.column_names]
    columns = [table.column(names["columns"][at]).to_pylist() for at in there]
    rows = [
        tuple("" if value is None else str(value) for value in row)
        for row in zip(*columns, strict=True)
    ]
    heads = [names["heads"][at] for at in there]
    yield from _table("Inclusion and exclusion criteria", heads, rows, nothing)


def _programs(facts: Facts, _said: Said) -> Iterator[Part]:
    rows = [(one.name, f"{one.size:,}", one.sha256) for one in facts.programs]
    nothing = "The package has no manifest that names the programs."
    yield from _table("Files that made the data", ("File", "Bytes", "SHA-256"), rows, nothing)


_TABLES: Mapping[str, Callable[[Facts, Said], Iterator[Part]]] = {
    "acronyms": _acronyms,
    "standards": _standards,
    "protocol": _protocol,
    "trial_design": _trial_design,
    "datasets": _datasets,
    "splits": _splits,
    "dependencies": _dependencies,
    "sources": _sources,
    "documents": _documents,
    "core": _core,
    "treatment": _treatment,
    "imputations": _imputations,
    "issues": _issues,
    "findings": _findings,
    "criteria": _criteria,
    "programs": _programs,
}

"""The rows of a whole workbook: both stages together, each line with its expression."""

import datetime as dt
from collections.abc import Iterator, Mapping

from cdisc.dataset import Study
from cdisc.engine.program import Program, Stage
from cdisc.spec import LoadedDataset
from cdisc.spec.dataset import VariableBlock
from cdisc.workbook.layout import LayoutName, Row, Sheets, layout_of, mapping_column
from cdisc.workbook.rows import define_rows
from cdisc.workbook.structure import structures
from define_xml import build_define

_ANY_DAY = dt.datetime(2000, 1, 1)  # noqa: DTZ001  no sheet shows it
_SUPPLEMENT = "SUPP"


def contents(
    program: Program, layout: LayoutName, built: Mapping[Stage, Study] | None = None
) -> Sheets:
    """Return the rows of every sheet of a study.

    Args:
        program: The study.
        layout: The layout.
        built: Its datasets with their records, by stage; without them lengths, terms that
            occur and value-level metadata, which data decide, are left out.
    """
    found: Sheets = {name: [] for name in layout_of(layout)}
    found["Define"] = list(_about(program))
    for stage, study in (built or structures(program)).items():
        define = build_define(study, created=_ANY_DAY)
        rows = define_rows(define, layout)
        if built is None:
            _forget(rows, study)
        for name, more in _renamed(found, rows, stage).items():
            found[name] += more
    for row in found["Variables"]:
        row[mapping_column()] = _mapping(program, row["Dataset"], row["Variable"])
    return _with_qualifiers(found, program, layout)


def _about(program: Program) -> Iterator[Row]:
    study, standards = program.loaded.study.study, program.loaded.study.standards
    said = [
        ("StudyName", study.name or study.id),
        ("StudyDescription", study.description or study.id),
        ("ProtocolName", study.protocol or study.id),
    ]
    for guide in filter(None, (standards.sdtm, standards.adam)):
        name, version = guide.split(" ")
        said += [("StandardName", name), ("StandardVersion", version)]
    said += [("SDTMCTVersion", standards.ct), ("ADaMCTVersion", standards.adamct or "")]
    said += [("Language", "en")]
    for attribute, value in said:
        if value:
            yield {"Attribute": attribute, "Value": value}


def _forget(rows: Sheets, study: Study) -> None:
    """Leave out what is said of data that are not there."""
    remarks = {one.name: one.comment for one in study.datasets}
    gone = {name for name, comment in remarks.items() if comment is None}
    for row in rows["Datasets"]:
        row["Has No Data"] = ""
        if row["Comment"] in gone:
            row["Comment"] = ""
    rows["Comments"] = [row for row in rows["Comments"] if row["ID"] not in gone]
    for row in rows["Variables"]:
        variable = study.dataset(row["Dataset"]).variable(row["Variable"])
        if variable.kind == "number":
            row["Data Type"] = "float"
        said = variable.kind != "text" or variable.length > 1
        row["Length"] = row["Length"] if said else ""


def _renamed(found: Sheets, rows: Sheets, stage: Stage) -> Sheets:
    """Return rows whose codelists do not have the id of another codelist that is there."""
    there: dict[str, list[tuple[str, str]]] = {}
    for row in found["Codelists"]:
        there.setdefault(row["ID"], []).append((row["Name"], row["Term"]))
    here: dict[str, list[tuple[str, str]]] = {}
    for row in rows["Codelists"]:
        here.setdefault(row["ID"], []).append((row["Name"], row["Term"]))
    same = {one for one, terms in here.items() if there.get(one) == terms}
    names = {one: f"{one}.{stage.upper()}" for one in here if one in there and one not in same}
    rows = {name: [dict(row) for row in some] for name, some in rows.items()}
    rows["Codelists"] = [row for row in rows["Codelists"] if row["ID"] not in same]
    for row in rows["Codelists"]:
        row["ID"] = names.get(row["ID"], row["ID"])
    for sheet in ("Variables", "ValueLevel"):
        for row in rows[sheet]:
            row["Codelist"] = names.get(row["Codelist"], row["Codelist"])
    for sheet in ("Dictionaries", "Comments"):
        known = {row["ID"] for row in found[sheet]}
        rows[sheet] = [row for row in rows[sheet] if row["ID"] not in known]
    return rows


def _mapping(program: Program, dataset: str, variable: str) -> str:
    """Return the expression that a file of the study says of a variable, or nothing."""
    plan = program.datasets.get(dataset)
    if plan is None or plan.loaded is None:
        return ""
    return line_of(plan.loaded, variable)


def line_of(loaded: LoadedDataset, variable: str) -> str:
    """Return the expression of a line of ``variables:``; nothing if there is none."""
    entry = loaded.model.variables.get(variable)
    if isinstance(entry, VariableBlock):
        return entry.map
    return entry or ""


def _with_qualifiers(found: Sheets, program: Program, layout: LayoutName) -> Sheets:
    """Give each supplemental qualifier its row of value level, and its expression."""
    known = {(row["Dataset"], row["Where Clause"]): row for row in found["ValueLevel"]}
    for plan in program.datasets.values():
        if plan.loaded is None or not plan.submitted:
            continue
        for name, block in plan.loaded.model.supp.items():
            dataset = f"{_SUPPLEMENT}{plan.name}"
            made = _qualifier(dataset, name, block.label, layout)
            row = known.get((dataset, made["Where Clause"]))
            if row is None:
                found["ValueLevel"].append(made)
                if "WhereClauses" in found:
                    found["WhereClauses"].append(_clause(dataset, name, made["Where Clause"]))
                row = made
            row[mapping_column()] = block.map
    return found


def _qualifier(dataset: str, name: str, label: str, layout: LayoutName) -> Row:
    ids = "WhereClauses" in layout_of(layout)
    return {
        "Dataset": dataset,
        "Variable": "QVAL",
        "Where Clause": f"{dataset}.QVAL.{name}" if ids else f"QNAM EQ {name}",
        "Label": label,
        "Description": label,
        "Data Type": "text",
        "Mandatory": "No",
    }


def _clause(dataset: str, name: str, id_: str) -> Row:
    said = {"ID": id_, "Dataset": dataset, "Variable": "QNAM"}
    return {**said, "Comparator": "EQ", "Value": name}

"""What other packages derive is derived here too: every line of the coverage is run."""

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml

from tests.study_builder import build, write_study

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "coverage.md"
COVERAGE = yaml.safe_load((HERE / "coverage.yaml").read_text(encoding="utf-8"))
PIECES = [
    (package, name, entry)
    for package, entries in COVERAGE.items()
    for name, entry in entries.items()
    if "study" in entry
]
LINES = [
    (package, name, entry)
    for package, entries in COVERAGE.items()
    for name, entry in entries.items()
    if "line" in entry
]
HEAD = """\
# What other packages derive

Each function of the R packages admiral (1.4), admiralonco (1.1) and sdtm.oak (0.2) that derives
something, against the line that does the same here: SHARE. Every line is run by the tests, on
values worked out by hand (`tests/docs/coverage.yaml`). Left out are functions that serve R alone:
options, templates, example data, lists of variables.

The page is generated: `pytest tests/docs/test_coverage.py --update-golden`.
"""
PART = 30  # lines that share a study
MOMENT = "iso 'y-m-d H:M:S' | impute from hour time first flag"


def kind_of(name, values):
    """Return the type of a variable, by its values."""
    there = [one for one in values if one is not None]
    if there and isinstance(there[0], dt.datetime):
        return "datetime"
    if there and isinstance(there[0], dt.date):
        return "date"
    if there and isinstance(there[0], int | float):
        return "number"
    return "dtc" if name.endswith("DTC") else "text"


def read(form, name, kind):
    """Return the line that reads a variable of a form."""
    steps = {
        "number": " | num",
        "date": " | iso 'y-m-d' | date",
        "datetime": f" | {MOMENT} Z{name[:6]}F",
        "dtc": " | iso 'y-m-d' 'y-m' 'y' 'y-m-d H' 'y-m-d H:M' 'y-m-d H:M:S'",
        "text": "",
    }
    return f"{form}.{name}{steps[kind]}"


class Form:
    """A raw form that grows by the records of one line after the other."""

    def __init__(self):
        self.kinds, self.rows = {}, []

    def add(self, subject, columns):
        length = max((len(values) for values in columns.values()), default=1)
        subjects = columns.get("SUBJ", [1] * length)
        for name, values in columns.items():
            if name != "SUBJ":
                self.kinds.setdefault(name, kind_of(name, values))
        for at in range(length):
            row = {name: values[at] for name, values in columns.items() if name != "SUBJ"}
            self.rows.append({**row, "SUBJ": f"{subject}-{subjects[at]}", "NO": f"{at:03}"})

    def text(self):
        """Return the file."""
        fields = ["SUBJ", "NO", *self.kinds]
        out = io.StringIO()
        writer = csv.DictWriter(out, fields, lineterminator="\n")
        writer.writeheader()
        for row in self.rows:
            shown = {name: written(row.get(name)) for name in fields}
            writer.writerow(shown)
        return out.getvalue()


def written(value):
    if value is None:
        return ""
    return (
        str(value).replace("T", " ") if isinstance(value, str) and value[:1] == "2" else f"{value}"
    )


def dataset(name, form, lines, *, alone):
    """Return the file of a dataset; `alone` tells its records by the subject only."""
    keys = ["USUBJID"] if alone else ["USUBJID", "ZNO"]
    lines = {"ZNO": {"map": f"{form}.NO", "label": "ZNO", "type": "text"}, **lines}
    text = {"dataset": name, "rows": f"each {form}", "keys": keys, "variables": lines}
    text |= {"label": name, "class": "BASIC DATA STRUCTURE"} if name.startswith("AD") else {}
    return json.dumps(text)


def block(name, line, kind):
    """Return a variable of a file; a line in braces says its own label and type."""
    if line.startswith("{"):
        return yaml.safe_load(line)
    return {"map": line, "label": name, "type": kind}


def study(entries, folder):
    """Write the study of some lines; each has subjects and a dataset of its own."""
    forms, files, tables, lets = {}, {}, {}, {}
    for number, (_package, _name, entry) in enumerate(entries):
        for other, columns in entry.get("with", {}).items():
            forms.setdefault(other.lower(), Form()).add(number, columns)
        form = forms[f"f{number}"] = Form()
        form.add(number, entry["given"])
        tables |= entry.get("tables", {})
        lets |= entry.get("let", {})
        lines = {
            name: block(name, read(f"f{number}", name, k), k) for name, k in form.kinds.items()
        }
        lines |= {
            name: block(name, line, kind_of(name, entry["gives"][name]))
            for name, line in entry["line"].items()
        }
        files[f"adam/adx{number:03}"] = dataset(f"ADX{number:03}", f"f{number}", lines, alone=False)
    for form, one in forms.items():
        if not form.startswith("f") or form == "facm":
            name = form.upper()
            lines = {each: block(each, read(form, each, k), k) for each, k in one.kinds.items()}
            place = "adam" if name.startswith("AD") else "sdtm"
            alone = name in ("DM", "ADSL")
            files[f"{place}/{form}"] = dataset(name, form, lines, alone=alone)
    more = f"tables: {json.dumps(tables)}\n" + f"let: {json.dumps(lets)}\n"
    return write_study(folder, files, {name: form.text() for name, form in forms.items()}, more)


def values(column):
    """Return the values of a column as YAML writes them: times as text, nine decimals."""
    return [
        str(one) if isinstance(one, dt.time) else round(one, 9) if isinstance(one, float) else one
        for one in column.to_pylist()
    ]


def expected(gives):
    """Return the values that were worked out by hand; a whole number is a number."""
    return {
        variable: [float(one) if isinstance(one, int) else one for one in column]
        for variable, column in gives.items()
    }


@pytest.mark.parametrize("at", range(0, len(LINES), PART))
def test_every_line_gives_what_was_worked_out_by_hand(tmp_path, at):
    entries = LINES[at : at + PART]

    result = build(study(entries, tmp_path))

    found = {
        name: {
            variable: values(result.tables[f"ADX{number:03}"].column(variable))
            for variable in entry["gives"]
        }
        for number, (_package, name, entry) in enumerate(entries)
    }
    assert found == {name: expected(entry["gives"]) for _package, name, entry in entries}


@pytest.mark.parametrize("name", sorted({entry["study"] for _, _, entry in PIECES}))
def test_every_piece_of_a_study_gives_what_was_worked_out_by_hand(name):
    folder = HERE / "coverage" / name
    files = "\n".join(
        " ".join(path.read_text(encoding="utf-8").split())
        for path in sorted(folder.rglob("*.yaml"))
    )
    entries = [one for one in PIECES if one[2]["study"] == name]

    result = build(folder)

    found, wanted = {}, {}
    for package, function, entry in entries:
        assert " ".join(entry["piece"].split()) in files, entry["piece"]
        dataset, param = (
            next(iter(entry["of"].items()))
            if isinstance(entry["of"], dict)
            else (
                entry["of"],
                None,
            )
        )
        table = result.tables[dataset]
        if param is not None:
            table = table.filter(pc.equal(table.column("PARAMCD"), param))
        key = f"{package} {function}"
        found[key] = {one: values(table.column(one)) for one in entry["gives"]}
        wanted[key] = expected(entry["gives"])
    assert found == wanted


def said(entry):
    """Return the line of an entry, for the page."""
    if "line" in entry:
        return "<br>".join(code(f"{name}: {line}") for name, line in entry["line"].items())
    if "piece" in entry:
        return code(entry["piece"])
    return f"none: {entry['none']}"


def code(text):
    return f"`{text}`".replace("|", "\\|")


def page():
    """Return the page: a table for each package, and how much is covered."""
    text = HEAD
    for package, entries in COVERAGE.items():
        same = sum("none" not in entry for entry in entries.values())
        text += f"\n## {package}\n\n{same} of {len(entries)}.\n\n"
        text += f"| {package} | Here |\n| --- | --- |\n"
        text += "".join(f"| `{name}` | {said(entry)} |\n" for name, entry in entries.items())
    every = [entry for entries in COVERAGE.values() for entry in entries.values()]
    same = sum("none" not in entry for entry in every)
    return text.replace("SHARE", f"{same} of {len(every)}, {100 * same / len(every):.1f} %")


def test_the_page_is_the_table_of_the_lines_that_are_run(golden):
    golden(PAGE, page())


def test_nine_tenths_are_covered_and_what_is_not_has_a_reason():
    every = [entry for entries in COVERAGE.values() for entry in entries.values()]

    assert all(entry.get("none") or "gives" in entry for entry in every)
    assert 10 * sum("gives" in entry for entry in every) >= 9 * len(every)

"""R as an outside witness: the printed code of variables, run on the data that we built."""

import csv
import math
import subprocess
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import RawStudy
from cdisc.engine.program import Program
from cdisc.engine.run import FORM_SHIFT, Result, run
from cdisc.rlang import r_script
from cdisc.rlang.semantics import semantics
from cdisc.spec import load_study
from tests.study_builder import read_delivery, resolve_with

_DRIVER = """\
options(warn = 1)
suppressPackageStartupMessages(library(dplyr))
read <- function(file, kinds) {
  data <- read.csv(
    file, colClasses = "character", na.strings = "", check.names = FALSE, encoding = "UTF-8"
  )
  for (name in names(kinds)) {
    data[[name]] <- switch(kinds[[name]],
      number = as.numeric(data[[name]]),
      date = as.Date(data[[name]]),
      datetime = as.POSIXct(data[[name]], format = "%Y-%m-%d %H:%M:%S", tz = "UTC"),
      data[[name]]
    )
  }
  data
}
shown <- function(x) {
  text <- if (is.numeric(x)) {
    sprintf("%.17g", x)
  } else if (inherits(x, "POSIXct")) {
    format(x, "%Y-%m-%d %H:%M:%S", tz = "UTC")
  } else {
    enc2utf8(as.character(x))
  }
  ifelse(is.na(x), "", paste0("=", text))
}
witness <- function(number, call, key, column, data) {
  home <- new.env()
  for (name in names(data)) assign(name, data[[name]], envir = home)
  source(paste0("v", number, ".R"), local = home, encoding = "UTF-8")
  found <- tryCatch(eval(parse(text = call, encoding = "UTF-8"), home), error = function(error) {
    writeLines(conditionMessage(error), paste0("v", number, ".error"))
    NULL
  })
  if (is.null(found)) return(invisible())
  code <- names(found) %in% c("param.code", "test.code")
  keys <- seq_len(nrow(found))
  if (key) keys <- do.call(paste, unname(found[code | names(found) %in% c("form", "row")]))
  write.csv(
    data.frame(key = keys, value = shown(found[[column]])), paste0("v", number, ".csv"),
    row.names = FALSE, fileEncoding = "UTF-8"
  )
}
"""


class Study(NamedTuple):
    """A study that was built, with the folder of its raw files."""

    program: Program
    raw: RawStudy
    result: Result
    folder: Path


class Verdict(NamedTuple):
    """How many values of a variable R has too; what went wrong, or the first difference."""

    agree: int
    total: int
    said: str


def built(mapping: Path, folder: Path) -> Study:
    """Build a study from its mapping files and the folder of its raw files."""
    loaded = load_study(mapping)
    raw = read_delivery(loaded, folder)
    program = resolve_with(loaded, raw)
    return Study(program, raw, run(program, raw), folder)


def submitted(study: Study) -> list[tuple[str, str]]:
    """Every variable and qualifier that the package holds, with its dataset."""
    tables = study.result.tables
    found = []
    for name, plan in study.program.datasets.items():
        if name.startswith("SUPP") or name not in tables or not plan.submitted:
            continue
        for variable in plan.variables:
            plain = variable.removeprefix("supp:")
            supplemental = variable.startswith("supp:")
            if supplemental or plain in tables[name].column_names:
                found.append((name, plain))
    return found


def witness(
    study: Study, wanted: list[tuple[str, str]], home: Path
) -> dict[tuple[str, str], Verdict]:
    """Run the R code of variables in one process of R, and compare every value."""
    forms: dict[str, str] = {}
    lines = []
    for number, (dataset, variable) in enumerate(wanted):
        script = r_script(study.program, dataset, variable)
        (home / f"v{number}.R").write_text(script, encoding="utf-8")
        usage = [
            line.removeprefix("# ") for line in script.rstrip().rsplit("\n\n", 1)[1].split("\n")
        ]
        names = []
        for line in usage[:-1]:
            name = line.split(" <- ")[0].strip("`")
            names.append(name)
            if "read_form(" in line:
                forms[name] = line
        key = "form, row, " in script
        data = ", ".join(f'"{name}" = all[["{name}"]]' for name in names)
        call = usage[-1].replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'witness({number}, "{call}", {str(key).upper()}, "{variable}", list({data}))')
    driver = [_DRIVER, semantics()["read_form"], "all <- list()"]
    for name, table in study.result.tables.items():
        driver.append(_exported(name, table, home))
    driver.append(f'home <- setwd("{study.folder.as_posix()}")')
    driver += [f'all[["{name}"]] <- {line.split(" <- ", 1)[1]}' for name, line in forms.items()]
    driver += ["setwd(home)", *lines]
    (home / "driver.R").write_text("\n".join(driver), encoding="utf-8")
    subprocess.run(
        ["Rscript", "--vanilla", "driver.R"],
        cwd=home,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"},
        check=True,
        capture_output=True,
    )
    return {
        (dataset, variable): _verdict(study, home / f"v{number}", dataset, variable)
        for number, (dataset, variable) in enumerate(wanted)
    }


def _exported(name: str, table: pa.Table, home: Path) -> str:
    """Write a dataset as CSV; return the R that reads it."""
    kinds, columns = {}, []
    for column, field in zip(table.columns, table.schema, strict=True):
        kinds[field.name] = "text"
        if pa.types.is_floating(field.type):
            kinds[field.name] = "number"
            values = [None if one is None else repr(one) for one in column.to_pylist()]
        elif pa.types.is_date(field.type):
            kinds[field.name] = "date"
            values = [None if one is None else one.isoformat() for one in column.to_pylist()]
        elif pa.types.is_timestamp(field.type):
            kinds[field.name] = "datetime"
            values = [None if one is None else str(one)[:19] for one in column.to_pylist()]
        else:
            values = column.to_pylist()
        columns.append(values)
    path = home / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        writer.writerows(zip(*columns, strict=True))
    listed = ", ".join(f'"{column}" = "{kind}"' for column, kind in kinds.items())
    return f'all[["{name}"]] <- read("{name}.csv", c({listed}))'


def _verdict(study: Study, stem: Path, dataset: str, variable: str) -> Verdict:
    error = stem.with_suffix(".error")
    if error.exists():
        return Verdict(0, 1, error.read_text(encoding="utf-8"))
    if variable not in study.result.tables[dataset].column_names:
        return _supplemental(study, stem, dataset, variable)
    ours = [_told(one) for one in study.result.tables[dataset].column(variable).to_pylist()]
    theirs = _read(stem)
    keys = _keys(study, stem, dataset, study.result.sources[dataset].to_pylist())
    if (number := sum(map(len, theirs.values()))) != len(ours):
        return Verdict(0, len(ours), f"{number} records")
    return _compared(keys, ours, theirs)


def _supplemental(study: Study, stem: Path, dataset: str, variable: str) -> Verdict:
    """Compare the qualifiers that are there, by source record."""
    supp = study.result.tables[f"SUPP{dataset}"]
    there = pc.equal(supp.column("QNAM"), variable)
    ours = supp.filter(there).column("QVAL").to_pylist()
    sources = study.result.sources[f"SUPP{dataset}"].filter(there).to_pylist()
    found = {key: [one for one in values if one] for key, values in _read(stem).items()}
    if study.program.datasets[dataset].qualifiers[variable].idvar:  # once for several records
        found = {key: [*dict.fromkeys(values)] for key, values in found.items()}
    theirs = {key: values for key, values in found.items() if values}
    if (number := sum(map(len, theirs.values()))) != len(ours):
        return Verdict(0, len(ours), f"{number} qualifiers")
    return _compared(_keys(study, stem, dataset, sources), ours, theirs)


def _compared(keys: list[str], ours: list[object], theirs: dict[str, list[str]]) -> Verdict:
    """Each value of ours takes one of the same key: a record may be the source of several."""
    agree, said, theirs = 0, "", _shortened(theirs, keys)
    for key, own in zip(keys, ours, strict=True):
        others = theirs.get(key, [])
        same = next((number for number, other in enumerate(others) if _same(own, other)), None)
        if same is None:
            said = said or f"{key}: {own!r}, R has {others!r}"
        else:
            agree += 1
            others.pop(same)
    return Verdict(agree, len(ours), said)


def _shortened(theirs: dict[str, list[str]], keys: list[str]) -> dict[str, list[str]]:
    """Return values by form and row alone, where ours are not known by test."""
    parts = len(keys[0].split()) if keys else 0
    found: dict[str, list[str]] = {}
    for key, values in theirs.items():
        found.setdefault(" ".join(key.split()[:parts]), []).extend(values)
    return found


def _keys(study: Study, stem: Path, dataset: str, sources: list[int]) -> list[str]:
    """Return what the printed code calls records: form and row, or their number in the dataset."""
    script = stem.with_suffix(".R").read_text(encoding="utf-8")
    if "form, row, " in script:
        first = study.program.datasets[dataset].sources[0].name
        if first in study.result.sources:  # records of records: one source for each
            order = study.result.sources[first].to_pylist()
            at = {one: place for place, one in enumerate(order, 1)}
            places = [f"{first} {at[one]}" for one in sources]
        else:
            places = _places(study, sources)
        table = study.result.tables[dataset]
        codes = [one for one in table.column_names if one == "PARAMCD" or one.endswith("TESTCD")]
        if "row, param.code" in script or "row, test.code" in script:
            listed = table.column(codes[0]).to_pylist()
            if len(listed) != len(places):  # qualifiers: those of all tests of a row together
                return places
            plan = study.program.datasets[dataset]
            own = {(one.name, code) for one in plan.sources for code in one.tests or ()}
            if own and not own & {(one.name, code) for one in plan.sources for code in {*listed}}:
                return places  # the codes of the tests are not those of the variable
            return [
                f"{place} {code if not own or (place.split()[0], code) in own else 'NA'}"
                for place, code in zip(places, listed, strict=True)
            ]
        return places
    order = study.result.sources[dataset].to_pylist()
    if sources == order:
        return [str(number + 1) for number in range(len(order))]
    at = {one: place for place, one in enumerate(order, 1)}
    return [str(at[one]) for one in sources]


def _places(study: Study, sources: list[int]) -> list[str]:
    """Return form and row, as the printed code names them, of hidden source records."""
    names = list(study.program.forms)
    at = {
        name: {row: number for number, row in enumerate(study.raw.form(name).rows.to_pylist(), 1)}
        for name in {names[one // FORM_SHIFT] for one in sources}
    }
    found = ((names[one // FORM_SHIFT], one % FORM_SHIFT) for one in sources)
    return [f"{name} {at[name][row]}" for name, row in found]


def _read(stem: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with stem.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["key"], []).append(row["value"])
    return found


def _told(value: object) -> object:
    if value is None or isinstance(value, str | float):
        return value
    return str(value)[:19]


def _same(own: object, other: str) -> bool:
    if own is None or other == "":
        return own is None and other == ""
    if isinstance(own, float):
        return math.isclose(own, float(other[1:]), rel_tol=1e-9, abs_tol=1e-12)
    return own == other[1:]

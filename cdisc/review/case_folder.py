"""The test case of a published rule as what is validated: CSV files and what is said of them."""

from pathlib import Path

import pyarrow as pa

from cdisc.dataset import Dataset, Kind, Variable
from cdisc.errors import ConformanceError
from cdisc.review.folder import Folder
from cdisc.validate.open_rules.cases import Sheet, is_case, settings_of, sheets_of
from define_xml import Define, read_define


def case_data(path: Path) -> Path | None:
    """Return the folder with the data of a case, if a path is that of a case; else None."""
    return next((one for one in (path, path / "data") if is_case(one)), None)


def read_case(folder: Path) -> Folder:
    """Return the datasets of a case, with the define that it names or that lies beside them."""
    return Folder(folder, tuple(map(_dataset, sheets_of(folder))), define_of(folder), case=True)


def define_of(folder: Path) -> Define | None:
    """Return the define of a case; None if it has none that can be read."""
    named = settings_of(folder).get("DEFINE_XML")
    path = folder / named if named else None
    if path is None or not path.exists():
        path = next(iter(sorted(folder.glob("*.xml"))), None)
    try:
        return read_define(path) if path is not None else None
    except ConformanceError:
        return None


def _dataset(sheet: Sheet) -> Dataset:
    import pandas as pd  # noqa: PLC0415  only a case is read by it

    variables, columns = [], []
    for one in sheet.variables:
        kind: Kind = "number" if one.type == "Num" else "text"
        texts = pd.Series(sheet.table.column(one.name).to_pylist(), dtype="object")
        if kind == "number":
            values = pa.array(pd.to_numeric(texts, errors="coerce"), pa.float64(), from_pandas=True)
        else:
            values = pa.array(texts.str.rstrip().replace("", None), pa.string(), from_pandas=True)
        variables.append(Variable(one.name, one.label, kind, max(1, one.length)))
        columns.append(values)
    table = pa.table(columns, names=[one.name for one in variables])
    return Dataset(sheet.name, sheet.label, "", "", (), tuple(variables), table)

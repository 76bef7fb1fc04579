"""The layouts of a specification workbook: which sheets, which columns, by which names."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args

import yaml

from cdisc.resources import specs_root

LayoutName = Literal["2.1", "2.0"]
LAYOUTS: tuple[LayoutName, ...] = get_args(LayoutName)
Row = dict[str, str]
Sheets = dict[str, list[Row]]
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclasses.dataclass(frozen=True)
class SheetLayout:
    """A sheet.

    Attributes:
        name: Its name.
        columns: Its columns in order, with that of the mapping where it has one.
        keys: Columns that tell its rows apart.
    """

    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    def key(self, row: Mapping[str, str]) -> tuple[str, ...]:
        """Return what tells a row apart."""
        return tuple(row.get(one, "") for one in self.keys)


@cache
def words() -> Mapping[str, Any]:
    """Return ``specs/workbook.yaml``."""
    text = (specs_root() / "workbook.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506  makes text only
    return found


def mapping_column() -> str:
    """Return the name of the column that holds expressions."""
    return str(words()["extra"])


@cache
def layout_of(name: LayoutName) -> Mapping[str, SheetLayout]:
    """Return the sheets of a layout, in order."""
    found = {}
    for sheet, said in words()["layouts"][name].items():
        more = (mapping_column(),) if said.get("mapping") else ()
        found[sheet] = SheetLayout(sheet, (*said["columns"], *more), tuple(said["keys"]))
    return found


def sheet_named(name: str) -> str | None:
    """Return the sheet that a name in a workbook stands for, or None."""
    known = {one.lower(): one for layout in LAYOUTS for one in layout_of(layout)}
    also: Mapping[str, str] = words()["also"]["sheets"]
    folded = " ".join(name.split()).lower()
    return known.get(folded) or also.get(folded)


def column_named(sheet: str, name: str) -> str | None:
    """Return the column that a name in a sheet stands for, or None.

    A column has one name here whatever the layout calls it: the label of a dataset is its
    Description in one of them and its Label in the other.
    """
    folded = " ".join(name.split()).lower()
    kept = words()["keep"]["columns"].get(sheet, ())
    columns = [one for layout in LAYOUTS for one in _columns(layout, sheet)]
    also: Mapping[str, str] = words()["also"]["columns"]
    if folded in also and also[folded] in columns and not _own(folded, kept):
        return also[folded]
    return next((one for one in columns if one.lower() == folded), None)


def _columns(layout: LayoutName, sheet: str) -> tuple[str, ...]:
    found = layout_of(layout).get(sheet)
    return found.columns if found else ()


def _own(folded: str, kept: tuple[str, ...]) -> bool:
    return folded in {one.lower() for one in kept}

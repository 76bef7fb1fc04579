"""The parts of a workbook: a zip of XML, each part checked before it is unpacked."""

import dataclasses
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from cdisc.errors import RawDataError
from cdisc.raw.archive import too_large
from cdisc.raw.delivery import Delivery
from cdisc.raw.excel_shown import BUILT_IN
from cdisc.raw.xml_stream import Elements, tell

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_GENERAL: Final = "General"


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, and where its cells are."""

    name: str
    part: str
    hidden: bool


class Parts:
    """The parts of an open workbook."""

    def __init__(self, whole: zipfile.ZipFile, delivery: Delivery) -> None:
        self._whole = whole
        self._delivery = delivery
        self._names = {name.casefold(): name for name in whole.namelist()}

    def tell(self, part: str, elements: Elements) -> bool:
        """Tell elements what stands in a part; say whether the workbook has it.

        Raises:
            RawDataError: RAW020, the part would unpack to more than is read.
        """
        name = self._names.get(part.casefold())
        if name is None:
            return False
        refusal = too_large(self._whole.getinfo(name), self._delivery)
        if refusal:
            raise RawDataError([refusal])
        with self._whole.open(name) as file:
            tell(file, elements)
        return True


def local(tag: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def unescaped(text: str) -> str:
    """Return a text with its escaped control characters (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


class Book(Elements):
    """Which sheets a workbook has, and from when its days count."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False
        self.is_book = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = local(tag)
        if name == "workbook":
            self.is_book = True
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        elif name == "sheet":
            told = {local(one): value for one, value in attributes.items()}
            hidden = told.get("state", "visible") != "visible"
            self.sheets.append((told.get("name", ""), told.get("id", ""), hidden))


class Relations(Elements):
    """Where the parts are that a part speaks of."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("xl", attributes.get("Target", ""))
            place = posixpath.normpath(target).lstrip("/")
            self.targets[attributes.get("Id", "")] = place
            self.kinds[attributes.get("Type", "").rpartition("/")[2]] = place


class Strings(Elements):
    """The texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._text: list[str] | None = None
        self._parts: list[str] = []
        self._spoken = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = local(tag)
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._spoken = True  # how a text is pronounced is no part of it
        elif name == "t" and not self._spoken:
            self._text = self._parts

    def data(self, text: str) -> None:
        """Take text, or a part of one."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """End an element."""
        name = local(tag)
        if name == "t":
            self._text = None
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            self.texts.append(unescaped("".join(self._parts)))


class Styles(Elements):
    """The number format of each style of a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[str] = []
        self._own: dict[str, str] = {}
        self._in_cells = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = local(tag)
        if name == "numFmt":
            code = unescaped(attributes.get("formatCode", _GENERAL))
            self._own[attributes.get("numFmtId", "")] = code
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            number = attributes.get("numFmtId", "0")
            built_in = BUILT_IN.get(int(number)) if number.isdecimal() else None
            self.codes.append(self._own.get(number) or built_in or _GENERAL)

    def end(self, tag: str) -> None:
        """End an element."""
        if local(tag) == "cellXfs":
            self._in_cells = False


@dataclasses.dataclass(frozen=True, slots=True)
class Workbook:
    """What the cells of all sheets share."""

    sheets: tuple[Sheet, ...]
    texts: tuple[str, ...]
    codes: tuple[str, ...]
    from_1904: bool


def read_workbook(parts: Parts) -> Workbook:
    """Return what a workbook says before its cells.

    Raises:
        ValueError: It is no workbook.
    """
    book, relations, strings, styles = Book(), Relations(), Strings(), Styles()
    parts.tell("xl/workbook.xml", book)
    parts.tell("xl/_rels/workbook.xml.rels", relations)
    if not book.is_book:
        message = "it has no part xl/workbook.xml"
        raise ValueError(message)
    parts.tell(relations.kinds.get("sharedStrings", "xl/sharedStrings.xml"), strings)
    parts.tell(relations.kinds.get("styles", "xl/styles.xml"), styles)
    targets = relations.targets
    sheets = [Sheet(name, targets.get(key, ""), hidden) for name, key, hidden in book.sheets]
    return Workbook(tuple(sheets), tuple(strings.texts), tuple(styles.codes), book.from_1904)

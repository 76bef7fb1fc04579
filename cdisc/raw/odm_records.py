"""The elements of an ODM file, one after the other, and the records that they make.

What is told of each element is its name and attributes; where it stands is kept on a
stack. The parser calls `start`, `data` and `end`; Python runs once for each element.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from cdisc.raw.records import Records
from cdisc.raw.xml_stream import Elements

_NAMESPACE: Final = "{http://www.cdisc.org/ns/odm/"
_FOREIGN: Final = "element of another namespace"
_UNIT: Final = "MeasurementUnitRef"
_ITEM: Final = "ItemData"
_GROUP: Final = "ItemGroupData"

CONTEXT: Final = (
    *("StudyOID", "LocationOID", "SubjectKey", "StudyEventOID", "StudyEventRepeatKey"),
    *("FormOID", "FormRepeatKey", "ItemGroupOID", "ItemGroupRepeatKey"),
)
_LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "ClinicalData": CONTEXT[:1],
    "SubjectData": CONTEXT[1:3],
    "StudyEventData": CONTEXT[3:5],
    "FormData": CONTEXT[5:7],
}
_APART: Final = frozenset(
    {
        *("AuditRecord", "AuditRecords", "Signature", "Signatures", "Annotation", "Annotations"),
        *("Association", "Query", "ReferenceData", "Study", "AdminData"),
    }
)
_COUNTED: Final = frozenset(
    {"AuditRecord", "Signature", "Annotation", "Association", "Query", "ReferenceData"}
)


class _Group:
    """An ItemGroupData that is open: its record, if it is one of those asked for."""

    __slots__ = ("oid", "record", "row")

    def __init__(self, oid: str, row: int, record: dict[str, str | None] | None) -> None:
        self.oid, self.row, self.record = oid, row, record


class _Item:
    """An ItemData that is open; `text` gathers the text of the element that holds its value."""

    __slots__ = ("null", "oid", "seq", "text", "values")

    def __init__(self, oid: str, *, null: bool) -> None:
        self.oid, self.null = oid, null
        self.values = 0
        self.seq = ""
        self.text: list[str] | None = None


class Odm(Elements):
    """What the parser tells its elements to.

    Attributes:
        root: Local name of the root element, or None if it is not of ODM.
        groups: Number of records of each item group that is not removed.
        twice: Rows of the records of which two things are said.
        apart: Number of elements of each kind that are no records.
        records: Those of the item group asked for, or of the first.
    """

    def __init__(self, wanted: str | None) -> None:
        super().__init__()
        self.root: str | None = None
        self.groups: Counter[str] = Counter()
        self.twice: list[int] = []
        self.apart: Counter[str] = Counter()
        self.records = Records(CONTEXT)
        self._wanted = wanted
        self._context: dict[str, str | None] = dict.fromkeys(CONTEXT)
        self._open: list[_Group] = []
        self._item: _Item | None = None
        self._depth = 0
        self._skipped: int | None = None
        self._row = 0
        self._seen: set[tuple[str | None, ...]] | None = None
        self._names: dict[str, str | None] = {}
        self._items = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._depth += 1
        if tag == self._items and self._skipped is None and "TransactionType" not in attributes:
            self._start_item(_ITEM, attributes)  # nearly all elements of a file: the short way
            return
        name = self._names.get(tag) if tag in self._names else self._local(tag)
        if self._skipped is not None:
            if name in _COUNTED:
                self.apart[name] += 1
        elif self._depth == 1:
            self.root = name
            if attributes.get("FileType") == "Transactional":
                self._seen = set()
        elif name is None or name in _APART:
            self._skip(_FOREIGN if name is None else name, counted=name is None or name in _COUNTED)
        elif attributes.get("TransactionType") == "Remove":
            self._row += name == _GROUP
            self._skip(f"removed {name}", counted=True)
        else:
            self._enter(name, attributes)

    def _enter(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element that is none of those kept apart."""
        if name.startswith(_ITEM):
            self._start_item(name, attributes)
        elif name == _GROUP:
            self._start_group(attributes)
        elif self._item is not None:
            self._inside_item(self._item, name, attributes)
        elif name == "SiteRef":
            self._context["LocationOID"] = attributes.get("LocationOID")
        else:
            for one in _LEVELS.get(name, ()):
                self._context[one] = attributes.get(one)

    def data(self, text: str) -> None:
        """Take text, or a part of one."""
        if self._skipped is None and self._item is not None and self._item.text is not None:
            self._item.text.append(text)

    def end(self, tag: str) -> None:
        """End an element."""
        self._depth -= 1
        if self._skipped is not None:
            if self._depth < self._skipped:
                self._skipped = None
            return
        if tag == self._items:
            if self._item is not None:
                self._end_item(self._item)
            return
        name = self._names[tag] or ""
        if name == _GROUP:
            self._end_group()
        elif name.startswith(_ITEM):
            if self._item is not None:
                self._end_item(self._item)
        elif name == "Value" and self._item is not None:
            self._take(self._item)
        else:
            for one in _LEVELS.get(name, ()):
                self._context[one] = None

    def _local(self, tag: str) -> str | None:
        """Return the name of an element of ODM, or None for those of others."""
        namespace, _, name = tag.rpartition("}")
        known = not namespace or namespace.startswith(_NAMESPACE)
        self._names[tag] = name if known else None
        if known and name == _ITEM:
            self._items = tag
        return self._names[tag]

    def _skip(self, what: str, *, counted: bool) -> None:
        self._skipped = self._depth
        if counted:
            self.apart[what] += 1

    def _start_group(self, attributes: Mapping[str, str]) -> None:
        self._row += 1
        oid = attributes.get("ItemGroupOID", "")
        self.groups[oid] += 1
        wanted = self._wanted or next(iter(self.groups))
        record = None
        if oid == wanted:
            record = dict(self._context)
            record["ItemGroupOID"] = oid
            record["ItemGroupRepeatKey"] = attributes.get("ItemGroupRepeatKey")
            if record["FormOID"] is None and self._open:
                record["FormOID"] = self._open[0].oid
            self._once(tuple(record.values()))
        self._open.append(_Group(oid, self._row, record))

    def _once(self, key: tuple[str | None, ...]) -> None:
        if self._seen is None:
            return
        if key in self._seen:
            self.twice.append(self._row)
        self._seen.add(key)

    def _end_group(self) -> None:
        group = self._open.pop()
        if group.record is not None:
            self.records.add(group.record, group.row)

    def _start_item(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._open or self._open[-1].record is None:
            return
        null = "IsNull" in attributes and attributes["IsNull"] in {"Yes", "true", "1"}
        self._item = item = _Item(attributes.get("ItemOID", ""), null=null)
        if name != _ITEM:
            item.text = []
        elif "Value" in attributes:
            self._set(item, "", attributes["Value"])

    def _inside_item(self, item: _Item, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Value":
            item.text = []
            item.seq = attributes.get("SeqNum") or str(item.values + 1)
        elif name == _UNIT:
            oid = attributes.get(f"{_UNIT.removesuffix('Ref')}OID")
            self._put(f"{item.oid}.MeasurementUnitOID", oid)

    def _take(self, item: _Item) -> None:
        """Take the value that an element held as its text."""
        if item.text is not None:
            self._set(item, "" if item.seq in {"", "1"} else f".{item.seq}", "".join(item.text))
        item.text = None

    def _end_item(self, item: _Item) -> None:
        if item.text is not None:
            self._take(item)
        if not item.values:
            self._set(item, "", None)
        self._item = None

    def _set(self, item: _Item, suffix: str, value: str | None) -> None:
        item.values += 1
        self._put(item.oid + suffix if suffix else item.oid, None if item.null else value)

    def _put(self, name: str, value: str | None) -> None:
        group = self._open[-1]
        if group.record is None:
            return
        if name in group.record and (not self.twice or self.twice[-1] != group.row):
            self.twice.append(group.row)
        group.record[name] = value

"""Clinical data of ODM-XML 1.2, 1.3 and 2.0: an item group makes the records of a form.

The file is read as a stream of elements, and nothing of it is kept but the records
asked for. A document type is refused before its first declaration: ODM has none, and
entities can read other files and unfold without end. Entries that were removed, audit
records, signatures and annotations are no records; they are counted and told.
"""

from pathlib import Path
from typing import Final

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import RawDataError
from cdisc.raw.delivery import SHOWN, Delivery, counted
from cdisc.raw.fields import Read, form_of
from cdisc.raw.odm_records import Odm
from cdisc.raw.parquet import damaged
from cdisc.raw.source import RawFormSource
from cdisc.raw.xml_stream import REFUSED, tell

_GROUPS_SHOWN: Final = 200


def read_odm(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read the records of an item group, each with the context that it stands in.

    The first fields are StudyOID, LocationOID, SubjectKey, StudyEventOID,
    StudyEventRepeatKey, FormOID, FormRepeatKey, ItemGroupOID and ItemGroupRepeatKey; then
    each item under its OID, in the order of the file. In ODM 2.0 FormOID is the outermost
    item group, where the group stands in another. A unit is a field of its own,
    ``ITEMOID.MeasurementUnitOID``; so is each further value of an item, ``ITEMOID.2``.
    Rows count the ItemGroupData elements of the file from 1, those of all groups.

    Source:
        ODM 1.3.2, section 3.1.4 (clinical data); ODM 2.0, ClinicalData.
    """
    odm = Odm(source.itemgroup)
    try:
        with path.open("rb") as file:
            tell(file, odm)
    except REFUSED as error:
        if odm.typed:
            return None, [_doctype(delivery)]
        return None, [damaged("ODM file", error, delivery)]
    findings = _check(odm, delivery, source)
    if findings:
        return None, findings
    return form_of(
        odm.records.columns(),
        delivery,
        rows=odm.records.rows(),
        strip=source.strip,
        missing=source.missing,
        notes=_apart(odm, delivery),
    )


def _doctype(delivery: Delivery) -> Diagnostic:
    return delivery.finding("RAW026", "declares a document type, which ODM has not")


def _check(odm: Odm, delivery: Delivery, source: RawFormSource) -> list[Diagnostic]:
    if odm.typed:
        return [_doctype(delivery)]
    if odm.root != "ODM":
        return [damaged("ODM file", RawDataError([]), delivery)]
    groups = odm.groups
    if (source.itemgroup or len(groups) != 1) and source.itemgroup not in groups:
        fact = (
            f'has no item group "{source.itemgroup}" in its clinical data'
            if source.itemgroup
            else f"has {counted(len(groups), 'item group')}, and none is chosen"
        )
        shown = [f"{name}, {counted(n, 'time')}" for name, n in list(groups.items())]
        near = did_you_mean(source.itemgroup or "", groups)
        return [
            delivery.finding(
                "RAW022",
                fact,
                *shown[:_GROUPS_SHOWN],
                help=near or "name one of them as itemgroup: of the form",
            )
        ]
    if odm.twice:
        return [_twice(odm, delivery)]
    return []


def _twice(odm: Odm, delivery: Delivery) -> Diagnostic:
    rows = [str(row) for row in odm.twice[:SHOWN]]
    return delivery.finding(
        "RAW028",
        f"says more than one thing of {counted(len(odm.twice), 'record')}",
        f"ItemGroupData {', '.join(rows)}",
        expected="each item once in a record, and each record once in a transactional file",
        help="export a snapshot of the data",
        records=len(odm.twice),
    )


def _apart(odm: Odm, delivery: Delivery) -> list[Diagnostic]:
    told = [
        f"{name}, {counted(number, 'time')}" for name, number in sorted(odm.apart.items()) if number
    ]
    if not told:
        return []
    return [delivery.finding("RAW027", "holds entries that are no records", *told)]

"""Codelists of a define.xml: equal ones are written once, unequal ones told apart.

A codelist is known by its name. Where two variables bring different content under
one name, each content gets an OID that ends in its first dataset and variable.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from cdisc.dataset import Codelist, Dataset, Dictionary, Term, Variable
from define_xml.model import CodeList, CodeListItem, EnumeratedItem, ExternalCodeList


@dataclasses.dataclass(frozen=True, slots=True)
class Codes:
    """The numeric codes of a dictionary, which are a codelist of their own: it has one data type.

    Attributes:
        name: Name of the dictionary.
        version: Its version, None if nobody says it.
    """

    name: str
    version: str | None


Source = Codelist | Dictionary | Codes


def build_codelists(
    datasets: tuple[Dataset, ...], ranks: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[dict[Source, str], list[CodeList]]:
    """Return the OID of every codelist and dictionary in use, and the codelists in order of OID.

    A codelist without terms cannot be written in Define-XML and is left out; its variables
    then have no codelist. A variable with a codelist and a dictionary shows its codelist.

    Args:
        datasets: The datasets of the package.
        ranks: Values of a codelist from the least to the most, by name of the codelist.
    """
    ranks = ranks or {}
    first: dict[Source, str] = {}
    for dataset in datasets:
        for variable in (*dataset.variables, *dataset.qualifiers):
            place = f"{dataset.name}.{variable.name}"
            for source in (codelist_of(variable), *_of_records(variable)):
                if source is not None:
                    first.setdefault(source, place)
    bases = [_base_oid(source) for source in first]
    counts = Counter(bases)
    oids: dict[Source, str] = {}
    written = []
    for (source, place), base in zip(first.items(), bases, strict=True):
        oid = base if counts[base] == 1 else f"{base}.{place}"
        oids[source] = oid
        shared = place if counts[base] > 1 else None
        written.append(_codelist(source, oid, shared, ranks.get(source.name, ())))
    return oids, sorted(written, key=lambda one: one.oid)


def _of_records(variable: Variable) -> Iterator[Codelist]:
    """Yield the codelists of some records, or of one test or qualifier."""
    yield from (one.codelist for one in variable.subsets if one.codelist is not None)
    for value in variable.division.values if variable.division else ():
        if value.codelist is not None and value.codelist.terms:
            yield value.codelist


def codelist_of(variable: Variable) -> Source | None:
    """Return what a variable shows as its codelist, or None."""
    if variable.codelist is not None and variable.codelist.terms:
        return variable.codelist
    known = variable.dictionary
    if known is not None and variable.kind == "number":
        return Codes(known.name, known.version)
    return known


def _base_oid(source: Source) -> str:
    if isinstance(source, Codelist):
        return f"CL.{source.name}"
    words = [source.name.upper(), *([source.version] if source.version else [])]
    words += ["CODES"] if isinstance(source, Codes) else []
    return "CL." + "_".join(re.sub(r"[^A-Za-z0-9.]+", "_", word) for word in words)


def _codelist(source: Source, oid: str, first: str | None, ranks: tuple[str, ...]) -> CodeList:
    """Return a codelist; one of several of its name is named after its first variable too."""
    if not isinstance(source, Codelist):
        codes = isinstance(source, Codes)
        return CodeList(
            oid=oid,
            name=" ".join(filter(None, (source.name, source.version, "codes" if codes else None))),
            data_type="integer" if codes else "text",
            external=ExternalCodeList(dictionary=source.name, version=source.version),
        )
    decoded = any(term.decode is not None for term in source.terms)
    rank = {value: f"{number}" for number, value in enumerate(ranks, start=1)}
    places = [(one, at, rank.get(one.value)) for at, one in enumerate(source.terms, start=1)]
    return CodeList(
        oid=oid,
        name=source.label if first is None else f"{source.label} ({first})",
        data_type=_data_type(source),
        standard_oid=None if source.standard is None else f"STD.{source.standard}",
        is_non_standard=source.standard is None,
        items=tuple(_item(*one) for one in places) if decoded else (),
        enumerated=() if decoded else tuple(_enumerated(*one) for one in places),
        code=source.code,
    )


def _data_type(source: Codelist) -> str:
    if source.kind != "number":
        return "text"
    whole = all(float(term.value).is_integer() for term in source.terms)
    return "integer" if whole else "float"


def _item(term: Term, order: int, rank: str | None) -> CodeListItem:
    """Return a term with its decode; a term without one decodes to itself."""
    return CodeListItem(
        coded_value=term.value,
        rank=rank,
        order_number=order,
        extended_value=term.extended,
        decode=term.value if term.decode is None else term.decode,
        code=term.code,
    )


def _enumerated(term: Term, order: int, rank: str | None) -> EnumeratedItem:
    return EnumeratedItem(
        coded_value=term.value,
        rank=rank,
        order_number=order,
        extended_value=term.extended,
        code=term.code,
    )

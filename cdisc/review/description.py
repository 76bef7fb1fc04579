"""What a define.xml says of datasets, as the metadata that a dataset carries.

Values, labels and lengths stay those of the transport file, so that a define.xml which
says otherwise is found out.
"""

import dataclasses
from collections.abc import Iterator
from typing import get_args

from cdisc.dataset import (
    AdamStudy,
    Codelist,
    Dataset,
    Dictionary,
    Method,
    Origin,
    OriginSource,
    OriginType,
    SdtmStudy,
    Study,
    Term,
    Variable,
)
from cdisc.review.folder import Folder
from cdisc.review.standards import Standards, standard_key
from cdisc.standard import AdamStandard, SdtmStandard
from cdisc.validate.names import NAME
from define_xml import model as dm

_NUMBERS = frozenset({"integer", "float", "double"})


def described_study(folder: Folder, standards: Standards) -> Study:
    """Return the datasets of a folder with all that is known of them.

    A dataset of which no define.xml speaks is described by the standard: its class, and
    for analysis data the structure whose required variables it has; its keys are not known.
    """
    described = _Description(folder.define) if folder.define else None
    datasets = []
    for one in folder.datasets:
        group = described.group(one.name) if described else None
        if described and group:
            datasets.append(described.dataset(group, one))
        else:
            datasets.append(_by_standard(one, standards.guide))
    kind = AdamStudy if standards.analysis else SdtmStudy
    define = folder.define
    name = define.study_name if define else folder.path.name
    return kind(
        study_id=define.study_oid.removeprefix("ST.") if define else name,
        study_name=name,
        description=define.study_description if define else "",
        protocol=define.protocol_name if define else "",
        standards=standards.uses,
        datasets=tuple(datasets),
    )


def _by_standard(dataset: Dataset, guide: SdtmStandard | AdamStandard) -> Dataset:
    """Describe a dataset of which no define.xml speaks by the standard alone."""
    if isinstance(guide, AdamStandard):
        return dataclasses.replace(dataset, class_name=_structure(dataset, guide))
    known = guide.dataset(dataset.name)
    if known is None:
        return dataclasses.replace(dataset, domain=dataset.name)
    relation = known.class_name == "RELATIONSHIP"
    return dataclasses.replace(
        dataset,
        class_name=known.class_name,
        structure=known.structure or "",
        domain=dataset.name if relation else dataset.name[:2],
    )


def _structure(dataset: Dataset, guide: AdamStandard) -> str:
    """Return the class of which a dataset has the most required variables, none lacking.

    A template such as ``TRTxxP`` requires no variable of one name and is left out.
    """
    held = set(dataset.table.column_names)
    best = ("", 0)
    for name in guide.classes():
        variables = guide.dataset(dataset.name, name).variables
        required = {one.name for one in variables if one.core == "Req" and NAME.fullmatch(one.name)}
        if required <= held and len(required) > best[1]:
            best = (name, len(required))
    return best[0]


class _Description:
    """What a define.xml says of datasets, in our words."""

    def __init__(self, define: dm.Define) -> None:
        self._groups = {one.name: one for one in define.item_groups}
        self._items = {one.oid: one for one in define.items}
        self._codelists = {one.oid: one for one in define.codelists}
        self._methods = {one.oid: one for one in define.methods}
        self._comments = {one.oid: one.description for one in define.comments}

    def group(self, name: str) -> dm.ItemGroup | None:
        return self._groups.get(name)

    def dataset(self, group: dm.ItemGroup, dataset: Dataset) -> Dataset:
        """Return a dataset with all that its definition says of it."""
        refs = {
            self._items[ref.item_oid].name: ref
            for ref in group.item_refs
            if ref.item_oid in self._items
        }
        keyed = {name: ref.key_sequence for name, ref in refs.items() if ref.key_sequence}
        subclasses = group.class_.subclasses if group.class_ else ()
        return dataclasses.replace(
            dataset,
            class_name=group.class_.name if group.class_ else "",
            subclass=subclasses[0].name if subclasses else None,
            structure=group.structure,
            keys=tuple(sorted(keyed, key=keyed.__getitem__)),
            variables=tuple(
                self._variable(refs[one.name], one) if one.name in refs else one
                for one in dataset.variables
            ),
            standard=standard_key(group.standard_oid) if group.standard_oid else None,
            reference=group.is_reference_data,
            repeating=group.repeating,
            domain=group.domain or dataset.name,
            comment=self._comments.get(group.comment_oid or ""),
        )

    def _variable(self, ref: dm.ItemRef, variable: Variable) -> Variable:
        item = self._items[ref.item_oid]
        codelist = self._codelists.get(item.codelist_oid or "")
        external = codelist.external if codelist else None
        return dataclasses.replace(
            variable,
            format=item.display_format or variable.format,
            role=ref.role,
            core="Req" if ref.mandatory else None,
            origin=next(_origins(item), None),
            method=self._method(ref.method_oid),
            codelist=_codelist(codelist) if codelist and codelist.coded_values else None,
            dictionary=Dictionary(external.dictionary, external.version)
            if external and external.dictionary
            else None,
            comment=self._comments.get(item.comment_oid or ""),
            integer=variable.kind == "number" and item.data_type == "integer",
            significant_digits=item.significant_digits,
            standard=not ref.is_non_standard,
        )

    def _method(self, oid: str | None) -> Method | None:
        method = self._methods.get(oid or "")
        if method is None:
            return None
        expression = method.expressions[0].text if method.expressions else ""
        return Method(method.description or "", expression)


def _origins(item: dm.ItemDef) -> Iterator[Origin]:
    types: dict[str, OriginType] = {one: one for one in get_args(OriginType)}
    sources: dict[str, OriginSource] = {one: one for one in get_args(OriginSource)}
    for one in item.origins:
        if one.type in types:
            pages = [page.page_refs or "" for ref in one.documents for page in ref.pages]
            yield Origin(
                type=types[one.type],
                source=sources.get(one.source or ""),
                pages=tuple(" ".join(pages).split()),
                predecessor=one.description if one.type == "Predecessor" else None,
            )


def _codelist(codelist: dm.CodeList) -> Codelist:
    decoded = (
        Term(one.coded_value, one.decode, one.code, one.extended_value) for one in codelist.items
    )
    plain = (
        Term(one.coded_value, None, one.code, one.extended_value) for one in codelist.enumerated
    )
    return Codelist(
        name=codelist.oid.removeprefix("CL."),
        label=codelist.name,
        terms=(*decoded, *plain),
        code=codelist.code,
        standard=standard_key(codelist.standard_oid) if codelist.standard_oid else None,
        kind="number" if codelist.data_type in _NUMBERS else "text",
    )

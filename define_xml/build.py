"""Build a `Define` from the metadata that the datasets of a study carry.

Nothing is typed a second time: types come from the values, lengths from the
allocation, methods and origins from the expressions that made the variables. OIDs
are made of the names of things, so that two runs, and two versions of a study,
can be compared line by line.
"""

import datetime as dt
import re
from typing import Any

import pyarrow as pa

from cdisc.dataset import (
    AdamStudy,
    Dataset,
    Method,
    Origin,
    SdtmStudy,
    StandardUse,
    Study,
    Variable,
)
from cdisc.declared import Planned
from define_xml import model
from define_xml.codelists import build_codelists, codelist_of
from define_xml.data_type import compute_data_type, significant_digits
from define_xml.declared import Results, document_leaves, document_refs, page_refs
from define_xml.value_level import ValueLevel, Written, build_value_level

_CRF = "LF.acrf"
_NO_DATA = "COM.HASNODATA"
_IMPUTES = re.compile(r"(^|\|)\s*impute\b")
# As a reviewer reads: the design, who took part, what was given, what happened, what was found.
_DESIGN = "TRIAL DESIGN"
_CLASSES = (
    _DESIGN,
    "SPECIAL PURPOSE",
    "INTERVENTIONS",
    "EVENTS",
    "FINDINGS",
    "FINDINGS ABOUT",
    "STUDY REFERENCE",
    "RELATIONSHIP",
    "SUBJECT LEVEL ANALYSIS DATASET",
    "OCCURRENCE DATA STRUCTURE",
    "BASIC DATA STRUCTURE",
)
_MEASURED = frozenset({"text", "integer", "float"})


def build_define(
    study: Study,
    *,
    created: dt.datetime,
    annotated_crf: str | None = None,
    supplemental: tuple[model.Leaf, ...] = (),
    originator: str = "cdisc-toolkit",
) -> model.Define:
    """Build the define.xml of the tabulation or the analysis datasets of a study.

    Args:
        study: A `SdtmStudy` or an `AdamStudy`; datasets and variables keep their order.
        created: Time of creation, written as CreationDateTime and AsOfDateTime.
        annotated_crf: Name of the annotated CRF beside the define.xml, or None. Pages of
            collected variables are written only where there is a CRF to open.
        supplemental: Further documents, such as a reviewer's guide.
        originator: Organisation that answers for the file.

    Returns:
        The definition. A dataset without records, and a variable without values in a
        dataset with records, are marked as having no data, with a comment.

    Raises:
        TypeError: The study is neither a `SdtmStudy` nor an `AdamStudy`.

    Source:
        Define-XML 2.1, section 5.3.
    """
    if not isinstance(study, SdtmStudy | AdamStudy):
        raise TypeError(f"a SdtmStudy or an AdamStudy is needed, not {type(study).__name__}")
    stage = "ADaM" if isinstance(study, AdamStudy) else "SDTM"
    declared = study.declared
    crf = document_leaves(declared, "annotated CRF")
    guides = (*document_leaves(declared, "supplemental"), *supplemental)
    made = () if annotated_crf is None or crf else (_crf_leaf(annotated_crf),)
    builder = _Builder(study, (*crf, *made))
    for dataset in study.datasets:
        builder.add(dataset)
    for one in declared.planned:
        builder.plan(one, next((use.key for use in study.standards if use.type == "IG"), None))
    results = Results(declared.displays)
    comments = {one.oid: one for one in results.comments}
    standards = tuple(builder.standard(use) for use in study.standards)
    return model.Define(
        file_oid=f"{study.study_id}.{stage}.{created.isoformat()}",
        created=created,
        as_of=created,
        originator=declared.originator or originator,
        source_system="cdisc-toolkit",
        context="Submission",
        study_oid=f"ST.{study.study_id}",
        study_name=study.study_name,
        study_description=study.description,
        protocol_name=study.protocol,
        oid=f"MDV.{study.study_id}.{stage}",
        name=f"{study.study_name}, {stage} data definitions",
        define_version="2.1.0",
        standards=standards,
        annotated_crf=tuple(model.DocumentRef(leaf_id=leaf.id) for leaf in (*crf, *made)),
        supplemental=tuple(model.DocumentRef(leaf_id=leaf.id) for leaf in guides),
        value_lists=tuple(builder.values.lists),
        where_clauses=(*builder.values.where_clauses, *results.where_clauses),
        item_groups=tuple(sorted(builder.item_groups, key=_class_rank)),
        items=tuple(builder.items + builder.values.items),
        codelists=tuple(builder.codelists),
        methods=tuple(builder.methods),
        comments=tuple((builder.comments | comments).values()),
        leaves=(*made, *document_leaves(declared), *supplemental),
        displays=results.displays,
    )


def _class_rank(group: model.ItemGroup) -> int:
    """Return the place of a class among those of its stage; within a class the order stays."""
    name = group.class_.name if group.class_ else ""
    return _CLASSES.index(name) if name in _CLASSES else len(_CLASSES)


def _crf_leaf(href: str) -> model.Leaf:
    return model.Leaf(id=_CRF, href=href, title="Annotated Case Report Form")


class _Builder:
    """Collects the definitions of one dataset after the other."""

    def __init__(self, study: Study, crf: tuple[model.Leaf, ...]) -> None:
        self.analysis = isinstance(study, AdamStudy)
        self.crf = crf
        self.declared = study.declared
        self.codelist_oids, self.codelists = build_codelists(study.datasets, study.declared.ranks)
        self.item_groups: list[model.ItemGroup] = []
        self.items: list[model.ItemDef] = []
        self.methods: list[model.Method] = []
        self.comments: dict[str, model.Comment] = {}
        self.values = ValueLevel()
        self.written = Written(self.codelist_oids, self._origin, self._method, self._comment)

    def standard(self, use: StandardUse) -> model.Standard:
        """Return a standard, with what was said of it."""
        return model.Standard(
            oid=f"STD.{use.key}",
            name=use.name,
            type=use.type,
            publishing_set=use.publishing_set,
            version=use.version,
            status="Final",
            comment_oid=self._comment(use.key, None),
        )

    def add(self, dataset: Dataset) -> None:
        """Add a dataset, its variables and all that they refer to."""
        name = dataset.name
        empty = dataset.table.num_rows == 0
        leaf = model.Leaf(id=f"LF.{name}", href=f"{name.lower()}.xpt", title=f"{name.lower()}.xpt")
        remark = dataset.comment or ("The dataset has no records." if empty else None)
        self.values.extend(build_value_level(dataset, self.written))
        refs = [self._variable(dataset, one, order) for order, one in _numbered(dataset)]
        standard = None if name in self.declared.nonstandard else dataset.standard
        subclass = () if dataset.subclass is None else (model.SubClass(name=dataset.subclass),)
        self.item_groups.append(
            model.ItemGroup(
                oid=f"IG.{name}",
                name=name,
                domain=None if self.analysis else dataset.domain or name,
                sas_dataset_name=name,
                repeating=dataset.repeating and not dataset.reference,
                is_reference_data=dataset.reference,
                purpose="Analysis" if self.analysis else "Tabulation",
                structure=dataset.structure,
                standard_oid=None if standard is None else f"STD.{standard}",
                archive_location_id=leaf.id,
                is_non_standard=standard is None,
                has_no_data=empty,
                comment_oid=self._comment(name, remark),
                description=dataset.label,
                item_refs=tuple(refs),
                class_=model.Class(name=dataset.class_name, subclasses=subclass),
                leaf=leaf,
            )
        )

    def plan(self, planned: Planned, standard: str | None) -> None:
        """Add a dataset that was planned and has no data: without a file, and without variables."""
        design = planned.class_name == _DESIGN
        single = planned.structure.casefold() == "one record per subject"
        self.item_groups.append(
            model.ItemGroup(
                oid=f"IG.{planned.name}",
                name=planned.name,
                domain=planned.name,
                sas_dataset_name=planned.name,
                repeating=not design and not single,
                is_reference_data=design,
                purpose="Tabulation",
                structure=planned.structure,
                standard_oid=None if standard is None else f"STD.{standard}",
                is_non_standard=standard is None,
                has_no_data=True,
                comment_oid=self._comment(planned.name, planned.because),
                description=planned.label,
                class_=model.Class(name=planned.class_name),
            )
        )

    def _variable(self, dataset: Dataset, variable: Variable, order: int) -> model.ItemRef:
        """Add the definition of a variable and return the reference to it."""
        place = f"{dataset.name}.{variable.name}"
        column = dataset.table.column(variable.name)
        blank = dataset.table.num_rows > 0 and column.null_count == len(column)
        self.items.append(self._item(place, variable, column, blank=blank))
        keys = dataset.keys
        return model.ItemRef(
            item_oid=f"IT.{place}",
            order_number=order,
            mandatory=variable.core == "Req" and not (self.analysis and column.null_count),
            key_sequence=keys.index(variable.name) + 1 if variable.name in keys else None,
            method_oid=self._method(place, variable.method),
            role=variable.role,
            is_non_standard=not variable.standard,
            has_no_data=blank,
        )

    def _item(
        self, place: str, variable: Variable, column: "pa.ChunkedArray[Any]", *, blank: bool
    ) -> model.ItemDef:
        data_type = compute_data_type(variable, column)
        digits = variable.significant_digits
        if data_type == "float" and digits is None:
            digits = significant_digits(column)
        source = codelist_of(variable)
        value_list = f"VL.{place}"
        # What every value says of itself, the variable does not say again.
        origin = None if self.values.has_origins(value_list) else variable.origin
        return model.ItemDef(
            oid=f"IT.{place}",
            name=variable.name,
            data_type=data_type,
            length=variable.length if data_type in _MEASURED else None,
            significant_digits=digits if data_type == "float" else None,
            sas_field_name=variable.name,
            display_format=variable.format,
            comment_oid=self._variable_comment(place, variable, blank=blank),
            description=variable.label,
            codelist_oid=None if source is None else self.codelist_oids[source],
            origins=() if origin is None else (self._origin(origin),),
            value_list_oid=value_list if self.values.has(value_list) else None,
        )

    def _origin(self, origin: Origin) -> model.Origin:
        pages = page_refs(origin.pages)
        where = (model.DocumentRef(leaf_id=self.crf[0].id, pages=pages),) if self.crf else ()
        return model.Origin(
            type=origin.type,
            source=origin.source,
            description=origin.predecessor,
            documents=where if pages else (),
        )

    def _method(self, place: str, method: Method | None) -> str | None:
        if method is None:
            return None
        self.methods.append(
            model.Method(
                oid=f"MT.{place}",
                name=f"Derivation of {place}",
                type="Imputation" if _IMPUTES.search(method.expression) else "Computation",
                description=method.text,
                expressions=(
                    model.FormalExpression(
                        context="cdisc mapping language", text=method.expression
                    ),
                ),
                documents=document_refs(self.declared.methods.get(place, ())),
            )
        )
        return f"MT.{place}"

    def _variable_comment(self, place: str, variable: Variable, *, blank: bool) -> str | None:
        found = self._comment(place, variable.comment)
        if found is None and blank:
            text = "The variable has no value in any record."
            self.comments[_NO_DATA] = model.Comment(oid=_NO_DATA, description=text)
            return _NO_DATA
        return found

    def _comment(self, place: str, text: str | None) -> str | None:
        """Write what the mapping says of a place and what a person says; one may be None."""
        remark = self.declared.remarks.get(place)
        texts = [text, remark.text if remark else None]
        said = " ".join(one for one in texts if one)
        if not said:
            return None
        oid = f"COM.{place}"
        documents = document_refs(remark.documents) if remark else ()
        self.comments[oid] = model.Comment(oid=oid, description=said, documents=documents)
        return oid


def _numbered(dataset: Dataset) -> list[tuple[int, Variable]]:
    return list(enumerate(dataset.variables, start=1))

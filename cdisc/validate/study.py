"""All checks over all datasets of a study."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from cdisc.dataset import Dataset, Study
from cdisc.diagnostics import Diagnostic
from cdisc.standard import AdamStandard, MedicalDictionary, SdtmStandard, VariableStandard
from cdisc.validate import (
    analysis,
    coding,
    dates,
    designs,
    keys,
    lengths,
    names,
    pairs,
    pointers,
    structure,
    study_days,
    subjects,
    terminology,
)
from cdisc.validate.codes import ADAM, SDTM
from cdisc.validate.conventions import Conventions, load_conventions
from cdisc.validate.facts import Facts

_DOMAIN_LETTERS = 2
_NONE: Mapping[str, MedicalDictionary] = MappingProxyType({})

_SHARED: tuple[Callable[[Facts], list[Diagnostic]], ...] = (
    structure.check_dataset,
    structure.check_presence,
    structure.check_missing,
    structure.check_known,
    structure.check_order,
    structure.check_types,
    names.check_names,
    names.check_prefixes,
    names.check_labels,
    names.check_identifier,
    names.check_short_codes,
    lengths.check_lengths,
    lengths.check_value_limits,
    terminology.check_declared_terms,
    pairs.check_pairs,
    keys.check_keys,
    keys.check_sequence,
    subjects.check_one_record,
    dates.check_dates,
    dates.check_periods,
)
_ANALYSIS: tuple[Callable[[Facts], list[Diagnostic]], ...] = (
    analysis.check_flags,
    analysis.check_counts,
    analysis.check_imputation_flags,
)


def validate_study(
    study: Study,
    *,
    standard: SdtmStandard | AdamStandard,
    terminology: terminology.Release | Sequence[terminology.Release],
    previous: Study | None = None,
    dictionaries: Mapping[str, MedicalDictionary] = _NONE,
) -> tuple[Diagnostic, ...]:
    """Find everything in which a study departs from its standard.

    The kind of `standard` decides between the checks of tabulation and of
    analysis data. Nothing is changed and nothing is raised: a study of no
    datasets, or a dataset of no records, is checked like any other.

    Args:
        study: The datasets.
        standard: The implementation guide that they follow.
        terminology: The release of controlled terminology; of several, the first
            that has a codelist answers.
        previous: The tabulation study, when `study` is the analysis data made of it.
        dictionaries: Those that the study pins, by name: tabulations are held against them.

    Returns:
        Findings, dataset by dataset in the order of the study; at most one for
        each dataset, variable and kind of departure.

    Source:
        SDTMIG v3.4; ADaMIG v1.3.
    """
    releases = tuple(terminology) if isinstance(terminology, list | tuple) else (terminology,)
    if isinstance(standard, SdtmStandard):
        found = _tabulation(study, standard, releases)
        coded = _coded(study, tuple(dictionaries.values()))
    else:
        found = _analysis(study, standard, releases, previous)
        coded = iter(())
    return (*found, *coded)


def _tabulation(
    study: Study, standard: SdtmStandard, releases: tuple[terminology.Release, ...]
) -> Iterator[Diagnostic]:
    conventions = load_conventions("sdtm")
    subject = _subject_dataset(study, conventions)
    yield from _no_subjects(study, conventions, SDTM.subjects_absent)
    for dataset in study.datasets:
        facts = _tabulation_facts(dataset, standard, conventions)
        yield from _common(facts, subject, releases)
        yield from study_days.check_study_days(facts, subject)
        yield from pointers.check_pointers(facts, study.datasets)
        yield from pointers.check_qualifiers(facts)
        yield from designs.check_designs(facts, study.datasets)


def _coded(study: Study, dictionaries: Sequence[MedicalDictionary]) -> Iterator[Diagnostic]:
    for dataset in study.datasets:
        for dictionary in dictionaries:
            yield from coding.check_coding(dataset, dictionary)


def _analysis(
    study: Study,
    standard: AdamStandard,
    releases: tuple[terminology.Release, ...],
    previous: Study | None,
) -> Iterator[Diagnostic]:
    conventions = load_conventions("adam")
    source = load_conventions("sdtm").subject.dataset
    subject = _subject_dataset(study, conventions)
    yield from _no_subjects(study, conventions, ADAM.subjects_absent)
    for dataset in study.datasets:
        facts = _analysis_facts(dataset, standard, conventions)
        yield from _common(facts, subject, releases)
        for check in _ANALYSIS:
            yield from check(facts)
        yield from analysis.check_subject_values(facts, subject)
        yield from analysis.check_source_labels(facts, previous)
        yield from analysis.check_known_subjects(facts, source, previous)


def _common(
    facts: Facts, subject: Dataset | None, releases: tuple[terminology.Release, ...]
) -> Iterator[Diagnostic]:
    for check in _SHARED:
        yield from check(facts)
    release = terminology.Releases(releases)
    yield from terminology.check_terms(facts, release)
    yield from terminology.check_concepts(facts, release)
    yield from terminology.check_codes(facts, release)
    yield from subjects.check_subjects(facts, subject)


def _subject_dataset(study: Study, conventions: Conventions) -> Dataset | None:
    name = conventions.subject.dataset
    return next((one for one in study.datasets if one.name == name), None)


def _no_subjects(study: Study, conventions: Conventions, code: str) -> list[Diagnostic]:
    if _subject_dataset(study, conventions) is not None:
        return []
    name = conventions.subject.dataset
    return [
        Diagnostic(
            code,
            f'the study has no dataset "{name}"',
            expected="one record for each subject",
            help=f'add a spec of "{name}"',
            dataset=name,
        )
    ]


def _tabulation_facts(dataset: Dataset, standard: SdtmStandard, conventions: Conventions) -> Facts:
    class_name = dataset.class_name
    published = standard.dataset(dataset.name)
    known = _known(
        dataset, lambda name: standard.variable(dataset.name, name, class_name=class_name)
    )
    own = published.variables if published is not None else ()
    relation = (published.class_name if published is not None else class_name) == "RELATIONSHIP"
    return Facts(
        dataset,
        conventions,
        SDTM,
        prefix=None if relation else (dataset.domain or dataset.name)[:_DOMAIN_LETTERS],
        known=published is not None,
        standard=known,
        required=tuple(one.name for one in own if one.core == "Req"),
        expected=tuple(one.name for one in own if one.core == "Exp"),
        order=tuple(standard.order(dataset.name, known, class_name=class_name)),
    )


def _analysis_facts(dataset: Dataset, standard: AdamStandard, conventions: Conventions) -> Facts:
    classes = standard.classes()
    named = [one for one in (dataset.subclass, dataset.class_name) if one in classes]
    if not named:
        return Facts(dataset, conventions, ADAM, known=False, closed=False, stage="adam")
    class_name = str(named[0])
    return Facts(
        dataset,
        conventions,
        ADAM,
        standard=_known(dataset, lambda name: standard.variable(class_name, name)),
        required=tuple(
            one.name
            for one in standard.dataset(dataset.name, class_name).variables
            if one.core == "Req" and names.NAME.fullmatch(one.name)
        ),
        closed=False,
        stage="adam",
    )


def _known(
    dataset: Dataset, find: Callable[[str], VariableStandard | None]
) -> dict[str, VariableStandard]:
    found = ((one.name, find(one.name)) for one in dataset.variables)
    return {name: standard for name, standard in found if standard is not None}

"""Coded terms against the dictionary that they were coded by.

``specs/dictionaries.yaml`` names the variables of each level. What is held against the
dictionary are the distinct combinations of their values, each once.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.engine.lines import read_specs
from cdisc.standard import MedicalDictionary
from cdisc.validate.columns import Column, pc
from cdisc.validate.evidence import column, gather

_SEPARATOR = "\x1f"
_PRIMARY = "primary"


@dataclasses.dataclass(frozen=True, slots=True)
class _Level:
    """The variables of a level: names, or empty where the dataset has not the one."""

    name: str
    text: str
    code: str

    def codes(self, dictionary: MedicalDictionary, values: Mapping[str, str]) -> frozenset[str]:
        """Return the codes that a record may mean: of the code, else of the text."""
        code = values.get(self.code, "")
        if code:
            return frozenset({code} & dictionary.terms[self.name].keys())
        text = values.get(self.text, "").casefold()
        return dictionary.codes[self.name].get(text, frozenset())

    def said(self, values: Mapping[str, str]) -> bool:
        """Say whether a record has anything on the level."""
        return bool(values.get(self.code) or values.get(self.text))


_Test = Callable[[Mapping[str, str]], bool]


def check_coding(dataset: Dataset, dictionary: MedicalDictionary) -> Iterator[Diagnostic]:
    """Find terms that the dictionary has not, or has elsewhere.

    Case does not count. Records without a term on a level take no part in what is said of it.

    Args:
        dataset: A tabulation dataset; one without variables of the dictionary has no findings.
        dictionary: The dictionary of the study.

    Source:
        SDTMIG v3.4, section 4.3.5, Coding; MedDRA Introductory Guide, the structure of MedDRA.
    """
    levels, primary = _levels(dataset, dictionary)
    if len({one.name for one in levels}) < 2 and not any(one.code for one in levels):  # noqa: PLR2004  one level alone says nothing of the dictionary
        return
    for level in levels:
        yield from _terms(dataset, dictionary, level)
    yield from _currency(dataset, dictionary, levels)
    yield from _paths(dataset, dictionary, levels)
    yield from _primary(dataset, dictionary, levels, primary)


def _levels(dataset: Dataset, dictionary: MedicalDictionary) -> tuple[list[_Level], str]:
    written: Mapping[str, Any] = read_specs("dictionaries.yaml")[dictionary.name]
    domain = (dataset.domain or dataset.name)[:2]
    names = set(dataset.table.column_names)
    found = []
    for level, pairs in written.items():
        for pair in pairs if level != _PRIMARY else ():
            held = [name.replace("--", domain) for name in pair]
            text, code = (name if name in names else "" for name in held)
            if text or code:
                found.append(_Level(level, text, code))
    return found, written.get(_PRIMARY, "").replace("--", domain)


def _terms(dataset: Dataset, dictionary: MedicalDictionary, level: _Level) -> Iterator[Diagnostic]:
    said = f"{dictionary.name} {dictionary.version}"
    names = [name for name in (level.text, level.code) if name]
    terms, codes = dictionary.terms[level.name], dictionary.codes[level.name]

    def unknown(values: Mapping[str, str]) -> bool:
        if values.get(level.code):
            return values[level.code] not in terms
        return bool(values.get(level.text)) and values[level.text].casefold() not in codes

    def differs(values: Mapping[str, str]) -> bool:
        code, text = values.get(level.code, ""), values.get(level.text, "")
        return bool(text) and code in terms and terms[code].casefold() != text.casefold()

    fact = f'"{names[-1]}" has values that are no {level.name} of {said}'
    yield from _finding(dataset, ("CT010", names[-1], fact), names, unknown)
    if level.text and level.code:
        fact = f'"{level.text}" is not the text that {said} gives for "{level.code}"'
        yield from _finding(dataset, ("CT011", level.text, fact), names, differs)


def _currency(
    dataset: Dataset, dictionary: MedicalDictionary, levels: Sequence[_Level]
) -> Iterator[Diagnostic]:
    lowest = [one for one in levels if one.name == dictionary.levels[0]]
    for level in lowest if dictionary.retired else ():
        names = [name for name in (level.text, level.code) if name]
        fact = f'"{names[-1]}" has terms that {dictionary.name} {dictionary.version} no longer uses'

        def retired(values: Mapping[str, str], level: _Level = level) -> bool:
            return bool(level.codes(dictionary, values) & dictionary.retired)

        yield from _finding(dataset, ("CT012", names[-1], fact), names, retired)


def _paths(
    dataset: Dataset, dictionary: MedicalDictionary, levels: Sequence[_Level]
) -> Iterator[Diagnostic]:
    """Find terms that do not lie on one path of the dictionary."""
    said = f"{dictionary.name} {dictionary.version}"
    if dictionary.above:
        low = [one for one in levels if one.name == dictionary.levels[0]]
        start = [one for one in levels if one.name == dictionary.start]

        def not_above(values: Mapping[str, str]) -> bool:
            codes = {code for one in low for code in one.codes(dictionary, values)}
            wanted = {dictionary.above[code] for code in codes}
            given = {code for one in start for code in one.codes(dictionary, values)}
            return bool(wanted and given) and not wanted & given

        if low and start:
            held = [n for one in (*low, *start) for n in (one.text, one.code) if n]
            name = start[0].text or start[0].code
            fact = f'"{name}" is not the {dictionary.start} that {said} gives for the term below it'
            yield from _finding(dataset, ("CT013", name, fact), held, not_above)

    start = [one for one in levels if one.name == dictionary.start]
    upper = [one for one in levels if one.name in dictionary.levels[-3:] and one not in start]

    def off_path(values: Mapping[str, str]) -> bool:
        codes = {code for one in start for code in one.codes(dictionary, values)}
        given: dict[str, frozenset[str]] = {}
        for one in upper:  # of two variables of a level the path goes through one
            if one.said(values):
                given[one.name] = given.get(one.name, frozenset()) | one.codes(dictionary, values)
        if not codes or not all(given.values()):
            return False  # what the dictionary has not is said elsewhere
        paths = [path for code in codes for path in dictionary.paths.get(code, ())]
        return not any(
            all(path[level] in found for level, found in given.items()) for path in paths
        )

    if start and upper:
        names = [name for one in (*start, *upper) for name in (one.text, one.code) if name]
        name = upper[0].text or upper[0].code
        above = " and ".join(dict.fromkeys(one.name for one in upper))
        fact = f"no path of {said} leads from the {dictionary.start} to {above}"
        yield from _finding(dataset, ("CT014", name, fact), names, off_path)


def _primary(
    dataset: Dataset, dictionary: MedicalDictionary, levels: Sequence[_Level], primary: str
) -> Iterator[Diagnostic]:
    start = [one for one in levels if one.name == dictionary.start]
    top = [one for one in levels if primary and one.text == primary]
    if not (start and top):
        return
    names = [name for one in (*start, *top) for name in (one.text, one.code) if name]

    def other(values: Mapping[str, str]) -> bool:
        codes = {code for one in start for code in one.codes(dictionary, values)}
        wanted = {dictionary.primary[code] for code in codes if code in dictionary.primary}
        given = {code for one in top for code in one.codes(dictionary, values)}
        return bool(wanted and given) and not wanted & given

    fact = f'"{primary}" is not the primary {dictionary.levels[-1]} of the {dictionary.start}'
    yield from _finding(dataset, ("CT015", primary, fact), names, other)


def _finding(
    dataset: Dataset, said: tuple[str, str, str], names: Sequence[str], bad: _Test
) -> Iterator[Diagnostic]:
    columns = [_text(dataset, name) for name in names]
    keys = pc.binary_join_element_wise(
        *columns, _SEPARATOR, null_handling="replace", null_replacement=""
    )
    wrong = [
        key
        for key in pc.unique(keys).to_pylist()
        if bad(dict(zip(names, key.split(_SEPARATOR), strict=True)))
    ]
    mask = pc.is_in(keys, value_set=pa.array(wrong, pa.string()))
    records, lines = gather([column(dataset, name) for name in names], mask)
    if records:
        code, variable, fact = said
        yield Diagnostic(
            code, fact, found=lines, dataset=dataset.name, variable=variable, records=records
        )


def _text(dataset: Dataset, name: str) -> Column:
    """Return a column as text, codes that are numbers without a point."""
    values = column(dataset, name)
    if pa.types.is_floating(values.type):
        values = values.cast(pa.int64(), safe=False)
    return values.cast(pa.string())

"""MedDRA and WHODrug: their text distributions, read from a folder of the study's owner.

Both are licensed and no part of this package. What is read is the layout that is publicly
described: the ``.asc`` files of MedDRA, whose fields end in ``$``, and the ``.txt`` files of
the B3 and C3 formats of WHODrug, whose fields have fixed places.
"""

import codecs
import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.record import record

MEDDRA, WHODRUG = "MedDRA", "WHODrug"
_LLT_FIELDS, _PATH_FIELDS = 10, 12
_DRUG_CODE, _DRUG_NAME = 11, 30
_CHUNK = 1 << 20
# C3: places of the fields, and how long a line is
_MP_PRODUCT, _MP_DRUG, _MP_NAME = slice(10), slice(45, 56), slice(77, 1577)
_MP_LENGTH = 1742
_THG_ATC, _THG_PRODUCT = slice(10, 20), slice(29, 39)
_ATC_CODE, _ATC_TEXT = slice(10), slice(11, 121)


@record()
class MedicalDictionary:
    """A dictionary of terms on several levels.

    Attributes:
        name: ``MedDRA`` or ``WHODrug``.
        version: As the study pins it.
        levels: From below to the top, such as ``LLT`` to ``SOC``.
        terms: Text by code, of each level.
        above: Code on the second level, by code on the first (MedDRA alone).
        paths: Codes of the levels above it, by code on the level that they start from.
        primary: Code on the top level, by code on the level that paths start from.
        retired: Codes on the first level that are no longer current.
        products: Code on the first level, by code of a medicinal product (WHODrug C3 alone).
    """

    name: str
    version: str
    levels: tuple[str, ...]
    terms: Mapping[str, Mapping[str, str]]
    above: Mapping[str, str]
    paths: Mapping[str, tuple[Mapping[str, str], ...]]
    primary: Mapping[str, str]
    retired: frozenset[str]
    products: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def start(self) -> str:
        """The level from which paths lead up."""
        return self.levels[1] if self.above else self.levels[0]

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The codes that have a text, of each level; case does not count."""
        found: dict[str, dict[str, set[str]]] = {level: defaultdict(set) for level in self.levels}
        for level, terms in self.terms.items():
            for code, text in terms.items():
                found[level][text.casefold()].add(code)
        return {
            level: {text: frozenset(codes) for text, codes in texts.items()}
            for level, texts in found.items()
        }

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `rows`: the key, then text and code of each level."""
        tops = self.levels if self.above else self.levels[:1]
        return ("KEY", *(name for level in tops for name in (level, f"{level}CD")))

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The primary path of each lowest term, by its code, its text and its text in capitals.

        A text that several terms have is no key. Codes of medicinal products are keys as well.
        """
        first, found = self.levels[0], dict[str, tuple[str, ...]]()
        single = {next(iter(c)) for c in self.codes[first].values() if len(c) == 1}
        for code, text in self.terms[first].items():
            row = tuple(self._row(code, text))
            for key in (code, text, text.upper()) if code in single else (code,):
                found.setdefault(key, (key, *row))
        for product, code in self.products.items():
            found.setdefault(product, (product, *found[code][1:]))
        return tuple(found.values())

    def _row(self, code: str, text: str) -> Iterator[str]:
        yield from (text, code)
        if not self.above:
            return
        start = self.above[code]
        yield from (self.terms[self.start].get(start, ""), start)
        main = self.primary.get(start)
        top = self.levels[-1]
        path = next((one for one in self.paths.get(start, ()) if one[top] == main), {})
        for level in self.levels[2:]:
            above = path.get(level, "")
            yield from (self.terms[level].get(above, ""), above)


@cache
def load_dictionary(name: str, version: str, folder: Path) -> MedicalDictionary:
    """Read a dictionary.

    Args:
        name: ``MedDRA`` or ``WHODrug``.
        version: The version that the files must be.
        folder: Where they are.

    Raises:
        SpecError: SPEC095, the files are not there or not such a distribution; SPEC096, they
            are of another version.

    Source:
        MedDRA Distribution File Format Document; WHODrug Global, B3 and C3 formats.
    """
    if name == MEDDRA:
        return _meddra(version, folder)
    if name == WHODRUG:
        if _file(folder, "MP.txt").is_file() and not _file(folder, "DD.txt").is_file():
            return _whodrug_c3(version, folder)
        return _whodrug_b3(version, folder)
    fact = f'"{name}" is not a dictionary that can be read'
    raise SpecError([Diagnostic("SPEC095", fact, expected=f"{MEDDRA}, {WHODRUG}")])


def _meddra(version: str, folder: Path) -> MedicalDictionary:
    _require_version(version, folder)
    terms: dict[str, dict[str, str]] = {level: {} for level in ("LLT", "PT", "HLT", "HLGT", "SOC")}
    above, retired = dict[str, str](), set[str]()
    for llt, text, pt, *_, current in _fields(folder / "llt.asc", _LLT_FIELDS):
        terms["LLT"][llt] = text
        above[llt] = pt
        if current == "N":
            retired.add(llt)
    paths: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    primary: dict[str, str] = {}
    for row in _fields(folder / "mdhier.asc", _PATH_FIELDS):
        codes = dict(zip(("PT", "HLT", "HLGT", "SOC"), row[:4], strict=True))
        for level, text in zip(codes, row[4:8], strict=True):
            terms[level][codes[level]] = text
        paths[row[0]].append(codes)
        if row[11] == "Y":
            primary[row[0]] = row[3]
    return MedicalDictionary(
        MEDDRA,
        version,
        tuple(terms),
        terms,
        above,
        {code: tuple(some) for code, some in paths.items()},
        primary,
        frozenset(retired),
    )


def _require_version(version: str, folder: Path) -> None:
    """Hold the version against the file that names it, where there is one."""
    path = folder / "meddra_release.asc"
    if not path.exists():
        return
    said = next(iter(_fields(path, 1)), ("",))[0]
    if said != version:
        fact = f'the files in "{folder.name}" are MedDRA {said}, not {version}'
        raise SpecError([Diagnostic("SPEC096", fact, expected=f"MedDRA {version}")])


def _fields(path: Path, count: int) -> Iterator[tuple[str, ...]]:
    for number, line in _lines(path):
        row = tuple(line.split("$")[:count])
        if len(row) < count:
            raise _malformed(path, number, line, f"{count} fields that end in $")
        yield row


def _whodrug_b3(version: str, folder: Path) -> MedicalDictionary:
    terms: dict[str, dict[str, str]] = {"DRUG": {}, "ATC": {}}
    for number, line in _lines(folder / "DD.txt"):
        code, name = line[:_DRUG_CODE], line[_DRUG_NAME:].strip()
        if len(code.strip()) < _DRUG_CODE or not name:
            raise _malformed(folder / "DD.txt", number, line, "a drug code and a name")
        terms["DRUG"][code] = name
    for _, line in _lines(folder / "INA.txt"):
        terms["ATC"][line[:7].strip()] = line[8:].strip()
    assigned: dict[str, set[str]] = defaultdict(set)
    for number, line in _lines(folder / "DDA.txt"):
        code, atc = line[:8], line[12:19].strip()
        if not atc:
            raise _malformed(folder / "DDA.txt", number, line, "a drug code and an ATC code")
        assigned[code].add(atc)
    return _of_drugs(version, terms, assigned, {})


def _whodrug_c3(version: str, folder: Path) -> MedicalDictionary:
    """Read medicinal products: a drug code has several, of countries, forms and strengths."""
    terms: dict[str, dict[str, str]] = {"DRUG": {}, "ATC": {}}
    products: dict[str, str] = {}
    for number, line in _lines(folder / "MP.txt"):
        product, code = line[_MP_PRODUCT].strip(), line[_MP_DRUG]
        name = line[_MP_NAME].strip()
        if len(line) < _MP_LENGTH or not product or len(code.strip()) < _DRUG_CODE or not name:
            expected = f"a medicinal product in {_MP_LENGTH} characters"
            raise _malformed(folder / "MP.txt", number, line.rstrip(), expected)
        if terms["DRUG"].setdefault(code, name).casefold() != name.casefold():
            expected = f'the name of drug code {code}, "{terms["DRUG"][code]}"'
            raise _malformed(folder / "MP.txt", number, line.rstrip(), expected)
        products[product] = code
    for _, line in _lines(folder / "ATC.txt"):
        terms["ATC"][line[_ATC_CODE].strip()] = line[_ATC_TEXT].strip()
    assigned: dict[str, set[str]] = defaultdict(set)
    for number, line in _lines(folder / "ThG.txt"):
        atc, product = line[_THG_ATC].strip(), line[_THG_PRODUCT].strip()
        if not atc or product not in products:
            expected = "an ATC code and a medicinal product of MP.txt"
            raise _malformed(folder / "ThG.txt", number, line, expected)
        assigned[products[product][:8]].add(atc)
    return _of_drugs(version, terms, assigned, products)


def _of_drugs(
    version: str,
    terms: Mapping[str, Mapping[str, str]],
    assigned: Mapping[str, set[str]],
    products: Mapping[str, str],
) -> MedicalDictionary:
    # classes are assigned to record and first sequence number: every name of the drug has them
    paths = {
        code: tuple({"DRUG": code, "ATC": atc} for atc in sorted(assigned.get(code[:8], ())))
        for code in terms["DRUG"]
    }
    nothing = frozenset[str]()
    return MedicalDictionary(
        WHODRUG, version, tuple(terms), terms, {}, paths, {}, nothing, products
    )


def _file(folder: Path, name: str) -> Path:
    """Return a file of a folder, whichever case its name is in."""
    named = folder / name
    if named.is_file() or not folder.is_dir():
        return named
    found = sorted(one for one in folder.iterdir() if one.name.casefold() == name.casefold())
    return found[0] if found else named


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    path = _file(path.parent, path.name)
    if not path.is_file():
        fact = f'there is no file "{path.name}" in the folder "{path.parent.name}"'
        raise SpecError([Diagnostic("SPEC095", fact, help="name the folder of the distribution")])
    # line by line: the products of WHODrug are gigabytes
    with path.open(encoding=_encoding(path), newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.removesuffix("\n").removesuffix("\r")


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _malformed(path: Path, number: int, line: str, expected: str) -> SpecError:
    span = Span(path.name, number, 1, len(line) + 1, line)
    fact = "the line is not one of such a distribution"
    return SpecError([Diagnostic("SPEC095", fact, span, expected=expected)])

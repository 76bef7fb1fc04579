"""ADaM: data structures whose variables are mostly templates.

A variable of an analysis dataset may come from its own structure, from the
subject-level dataset (any of its variables may be copied), or be named with a
published suffix. ``standard.yaml`` of a guide says in which structures a class
looks, and in which order; a plain name wins over a template, a longer template
over a shorter one.
"""

import dataclasses
import operator
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import SpecError
from cdisc.record import changed
from cdisc.resources import specs_root
from cdisc.standard.model import DatasetStandard, VariableStandard
from cdisc.standard.reading import ADAM_FIELDS, read_variables, read_yaml
from cdisc.standard.releases import carried_adam, require_guide
from cdisc.standard.template import fill_label

_SUBJECT_LEVEL = "SUBJECT LEVEL ANALYSIS DATASET"


@dataclasses.dataclass(frozen=True, eq=False)
class AdamStandard:
    """One version of the ADaMIG with its companions; files are read when asked for.

    Attributes:
        name: ``ADaMIG``.
        version: Such as ``1.3``.
        date: Date of publication, ISO 8601.
        folder: Where its files lie.
    """

    name: str
    version: str
    date: str
    folder: Path

    def classes(self) -> tuple[str, ...]:
        """Return the classes and subclasses that the guide knows."""
        return tuple(read_yaml(self.folder / "standard.yaml")["classes"])

    def dataset(self, name: str, class_name: str) -> DatasetStandard:
        """Return the data structure of a class under a dataset's name.

        Its variables are as published: templates stay templates.

        Args:
            name: Such as ``ADLB``.
            class_name: Define-XML class or subclass, such as ``TIME-TO-EVENT``.

        Raises:
            SpecError: STD004, the guide has no such class.
        """
        found = _structures(self, class_name)[0]
        subclass = found.subclass if class_name == found.class_name else class_name
        return changed(found, name=name, subclass=subclass)

    def variable(self, class_name: str, variable_name: str) -> VariableStandard | None:
        """Return a variable that datasets of a class may have, or None.

        Args:
            class_name: Define-XML class or subclass.
            variable_name: As in the dataset, such as ``TRT01P``.

        Returns:
            The variable with the index filled in its label. Where the standard
            gives a suffix only (``*DT``), or leaves words to the sponsor, the
            label keeps its ``{Date}`` or ``...``: see `VariableStandard.open_label`.

        Raises:
            SpecError: STD004, the guide has no such class.

        Example:
            >>> load_adam("1.3").variable("SUBJECT LEVEL ANALYSIS DATASET", "TRT01P").label
            'Planned Treatment for Period 01'
        """
        return _variable(self, class_name, variable_name)

    def order(self, class_name: str, names: Iterable[str]) -> list[str]:
        """Return variables in the standard's order, unknown ones last as given.

        Subject-level variables that another class carries stand behind its
        identifiers; the guide does not say where.

        Raises:
            SpecError: STD004, the guide has no such class.
        """
        given = list(names)
        places = {
            name: found.place
            for name in given
            if (found := self.variable(class_name, name)) is not None
        }
        known = sorted((name for name in given if name in places), key=places.__getitem__)
        return known + [name for name in given if name not in places]


@cache
def load_adam(ig: str, *, root: Path | None = None) -> AdamStandard:
    """Return a version of the ADaMIG.

    Args:
        ig: Version, such as ``1.3``.
        root: Folder that stands for ``specs/``.

    Raises:
        StandardNotFoundError: STD001, the version is not carried.
    """
    folder = require_guide((root or specs_root()) / "adam", "ADaMIG", ig, carried_adam(root))
    head = read_yaml(folder / "standard.yaml")
    return AdamStandard(head["name"], head["version"], head["date"], folder)


@cache
def _structures(standard: AdamStandard, class_name: str) -> tuple[DatasetStandard, ...]:
    """Return the structures in which a class looks, its own first."""
    classes: dict[str, str] = read_yaml(standard.folder / "standard.yaml")["classes"]
    if class_name not in classes:
        raise SpecError(
            [
                Diagnostic(
                    "STD004",
                    f'{standard.name} {standard.version} has no class "{class_name}"',
                    expected=f"one of {', '.join(classes)}",
                    help=did_you_mean(class_name, classes),
                )
            ]
        )
    stems = classes[class_name].split()
    return tuple(_read((standard.folder / f"{stem}.yaml").resolve()) for stem in stems)


@cache
def _read(path: Path) -> DatasetStandard:
    head = read_yaml(path)
    return DatasetStandard(
        name=head["name"],
        label=head["label"],
        class_name=head["class"],
        structure=head["structure"] or None,
        variables=tuple(_sections(path)),
        subclass=head["subclass"] or None,
    )


def _sections(path: Path) -> Iterator[VariableStandard]:
    place = 1
    for section in read_yaml(path)["sections"]:
        for one in read_variables(path, section["variables"], ADAM_FIELDS, first_place=place):
            yield changed(one, section=section["name"])
            place += 1


@cache
def _variable(standard: AdamStandard, class_name: str, name: str) -> VariableStandard | None:
    structures = _structures(standard, class_name)
    for rank, structure in enumerate(structures):
        found = _find(structure, name, suffixes=False)
        if found is not None:
            return changed(found, place=_place(structures, rank, found))
    stem = read_yaml(standard.folder / "standard.yaml")["suffixes"]
    source = _read((standard.folder / f"{stem}.yaml").resolve())
    found = _find(source, name, suffixes=True)
    if found is None:
        return None
    rank = structures.index(source) if source in structures else len(structures)
    return changed(found, place=_place(structures, rank, found))


def _find(structure: DatasetStandard, name: str, *, suffixes: bool) -> VariableStandard | None:
    """Return the variable that fits a name best; suffixes (``*DT``) are a case of their own."""
    exact = structure.variable(name)
    if exact is not None:
        return exact
    fitting = [
        (template.literals, one, indices)
        for template, one in structure.templates(name)
        if one.name.startswith("*") == suffixes and (indices := template.indices(name)) is not None
    ]
    if not fitting:
        return None
    # The first of equally specific templates: max keeps the earlier.
    _literals, best, indices = max(fitting, key=operator.itemgetter(0))
    return _filled(best, name, indices)


def _filled(one: VariableStandard, name: str, indices: dict[str, str]) -> VariableStandard:
    numbers = tuple(int(value) for value in indices.values() if value.isdigit())
    return changed(
        one,
        name=name,
        label=fill_label(one.label, indices),
        template=one.name,
        place=(*one.place, *numbers),
    )


def _place(
    structures: tuple[DatasetStandard, ...], rank: int, found: VariableStandard
) -> tuple[int, ...]:
    """Return where a variable stands among those of the first structure."""
    own = structures[0].variables
    if rank == 0:
        return found.place
    if rank < len(structures) and structures[rank].class_name == _SUBJECT_LEVEL:
        identifiers = sum(one.section == own[0].section for one in own)
        # Longer than the place of the last identifier, so right behind it.
        return (identifiers, 1, *found.place)
    return (len(own) + 1, rank, *found.place)

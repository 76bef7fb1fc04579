"""SDTM: the tables of an implementation guide, and behind them the model.

A guide lists for each dataset the variables it expects; the model allows many
more of the same class (SDTM 3.1). `SdtmStandard.variable` asks the guide first
and the model second, and gives both kinds a place in one order: a variable of
the model stands right behind the nearest variable before it, in the order of
the model, that the guide lists.
"""

import dataclasses
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cdisc.record import changed
from cdisc.resources import specs_root
from cdisc.standard.model import DatasetStandard, VariableStandard
from cdisc.standard.reading import IG_FIELDS, MODEL_FIELDS, read_variables, read_yaml
from cdisc.standard.releases import carried_sdtm, require_guide

_SPLIT_NAME = re.compile(r"[A-Z][A-Z0-9]{2,3}")
"""A domain may be split into datasets whose names begin with it (SDTMIG 4.1.6)."""


@dataclasses.dataclass(frozen=True, eq=False)
class SdtmStandard:
    """One version of the SDTMIG; files are read when they are asked for.

    Attributes:
        name: ``SDTMIG``.
        version: Such as ``3.4``.
        model: Version of SDTM that the guide is written against.
        date: Date of publication, ISO 8601.
        folder: Where its files lie.
        general: Where the files of the carried model lie.
    """

    name: str
    version: str
    model: str
    date: str
    folder: Path
    general: Path

    def names(self) -> tuple[str, ...]:
        """Return the names of the datasets that the guide has tables for, in its order."""
        return tuple(read_yaml(self.folder / "standard.yaml")["datasets"].split())

    def dataset(self, name: str) -> DatasetStandard | None:
        """Return what the guide says of a dataset, or None if it says nothing.

        Supplemental qualifiers (``SUPPAE``) and the parts of a split domain
        (``QSCG``) are resolved from their templates. A dataset that only the
        model describes is returned without cores.

        Example:
            >>> load_sdtm("3.4").dataset("SUPPAE").label
            'Supplemental Qualifiers for AE'
        """
        return _dataset(self, name)

    def variable(
        self, dataset_name: str, variable_name: str, *, class_name: str | None = None
    ) -> VariableStandard | None:
        """Return a variable of the guide's table, else of the class in the model.

        Args:
            dataset_name: Such as ``AE``; its first two letters replace ``--``.
            variable_name: Such as ``AEDTC``.
            class_name: Class of a domain that the guide does not list.

        Returns:
            The variable, or None where neither guide nor model knows it. One
            that comes from the model has no core.

        Example:
            >>> load_sdtm("3.4").variable("AE", "AEDTC").label
            'Date/Time of Collection'
        """
        return _table(self, dataset_name, class_name).get(variable_name)

    def model_variables(
        self, dataset_name: str, *, class_name: str | None = None
    ) -> tuple[VariableStandard, ...]:
        """Return what the model lets a dataset of a class have, in the model's order.

        Args:
            dataset_name: Such as ``AE``; its first two letters replace ``--``.
            class_name: Class of a domain that the guide does not list.

        Returns:
            Identifiers, the variables of the class, then timing; none where the model has no
            such class.

        Example:
            >>> [one.name for one in load_sdtm("3.4").model_variables("AE")][:3]
            ['STUDYID', 'DOMAIN', 'USUBJID']
        """
        found = self.dataset(dataset_name)
        return tuple(
            changed(one, name=one.name.replace("--", dataset_name[:2]))
            for one in _allowed(self, dataset_name, found.class_name if found else class_name)
        )

    def order(
        self, dataset_name: str, names: Iterable[str], *, class_name: str | None = None
    ) -> list[str]:
        """Return variables in the standard's order, unknown ones last as given."""
        table = _table(self, dataset_name, class_name)
        given = list(names)
        known = [name for name in given if name in table]
        return sorted(known, key=lambda name: table[name].place) + [
            name for name in given if name not in table
        ]


@cache
def load_sdtm(ig: str, *, root: Path | None = None) -> SdtmStandard:
    """Return a version of the SDTMIG.

    Args:
        ig: Version, such as ``3.4``.
        root: Folder that stands for ``specs/``.

    Raises:
        StandardNotFoundError: STD001, the version is not carried.
    """
    base = (root or specs_root()) / "sdtm"
    folder = require_guide(base, "SDTMIG", ig, carried_sdtm(root))
    head = read_yaml(folder / "standard.yaml")
    return SdtmStandard(
        name=head["name"],
        version=head["version"],
        model=head["model"],
        date=head["date"],
        folder=folder,
        general=base / f"model-{head['general_from']}",
    )


@cache
def _dataset(standard: SdtmStandard, name: str) -> DatasetStandard | None:
    source = _source(standard, name)
    if source is None:
        in_model = read_yaml(standard.general / "standard.yaml")["datasets"].split()
        path = standard.general / "datasets" / f"{name.lower()}.yaml"
        return _read(path, MODEL_FIELDS) if name in in_model else None
    found = _read(standard.folder / f"{source.lower()}.yaml", IG_FIELDS)
    label = found.label if name == source else re.sub(r"\[.*?\]", name[4:], found.label)
    return changed(found, name=name, label=label)


def _source(standard: SdtmStandard, name: str) -> str | None:
    """Return the dataset whose table serves for `name`, or None."""
    names = standard.names()
    if name in names:
        return name
    templates: dict[str, str] = read_yaml(standard.folder / "standard.yaml")["templates"]
    for template, source in templates.items():
        stem = template.removesuffix("--")
        if name.startswith(stem):
            return source if re.fullmatch(r"[A-Z][A-Z0-9]{1,3}", name[len(stem) :]) else None
    domain = name[:2]
    if _SPLIT_NAME.fullmatch(name) and domain in names and _is_general(standard, domain):
        return domain
    return None


def _is_general(standard: SdtmStandard, domain: str) -> bool:
    classes = read_yaml(standard.general / "standard.yaml")["classes"]
    return read_yaml(standard.folder / f"{domain.lower()}.yaml")["class"] in classes


def _read(path: Path, fields: tuple[str, ...]) -> DatasetStandard:
    head = read_yaml(path)
    return DatasetStandard(
        name=head["name"],
        label=head["label"],
        class_name=head["class"],
        structure=head["structure"] or None,
        variables=tuple(read_variables(path, head["variables"], fields)),
    )


@cache
def _table(
    standard: SdtmStandard, name: str, class_name: str | None
) -> dict[str, VariableStandard]:
    """Return every variable that a dataset may have: the guide's and the model's."""
    found = standard.dataset(name)
    if found is not None:
        class_name = found.class_name
    own = {one.name: one for one in found.variables} if found else {}
    table = dict(own)
    before: tuple[int, ...] = (0,)
    for ordinal, one in enumerate(_allowed(standard, name, class_name), 1):
        filled = one.name.replace("--", name[:2])
        if filled in own:
            before = own[filled].place[:1]
        else:
            template = one.name if filled != one.name else None
            table[filled] = changed(one, name=filled, template=template, place=(*before, ordinal))
    return table


def _allowed(
    standard: SdtmStandard, name: str, class_name: str | None
) -> tuple[VariableStandard, ...]:
    """Return the model's variables for a dataset, in the order of the model."""
    head = read_yaml(standard.general / "standard.yaml")
    source = _source(standard, name) or name
    if source in head["datasets"].split():
        path = standard.general / "datasets" / f"{source.lower()}.yaml"
        return _read(path, MODEL_FIELDS).variables
    if class_name not in head["classes"]:
        return ()
    general = _read_class(standard.general, head["general"])
    identifiers = tuple(one for one in general if one.role == "Identifier")
    timing = tuple(one for one in general if one.role == "Timing")
    return identifiers + _read_class(standard.general, head["classes"][class_name]) + timing


@cache
def _read_class(folder: Path, stem: str) -> tuple[VariableStandard, ...]:
    path = folder / f"{stem}.yaml"
    head = read_yaml(path)
    own = tuple(read_variables(path, head["variables"], MODEL_FIELDS))
    if "extends" not in head:
        return own
    classes = read_yaml(folder / "standard.yaml")["classes"]
    base = _read_class(folder, classes[head["extends"]])
    cut = [one.name for one in base].index(head["after"]) + 1
    return base[:cut] + own + base[cut:]

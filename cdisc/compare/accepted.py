"""Differences that stay: who looked at them wrote down why, and until when that holds.

An entry accepts what it names and nothing more. Where its day has passed it accepts
nothing, and an entry that accepts nothing is said.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cdisc.diagnostics import Diagnostic
from cdisc.errors import SpecError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same values, only sooner


class Acceptance(BaseModel):
    """An entry of the file.

    Attributes:
        dataset: Name of the dataset.
        variable: Name of the variable, or None for any.
        attribute: The attribute that may differ; without one, values or records.
        only_in: The side whose records, without a like on the other, are accepted.
        keys: Values of variables that the records have.
        reason: Why the difference stays.
        until: The last day on which that holds, or None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = Field(min_length=1)
    variable: str | None = None
    attribute: str | None = None
    only_in: Literal["a", "b"] | None = None
    keys: dict[str, str | int | float | dt.datetime | dt.date | None] = {}
    reason: str = Field(min_length=1)
    until: dt.date | None = None

    def __str__(self) -> str:
        named = f"{self.dataset}.{self.variable}" if self.variable else self.dataset
        kind = self.attribute or (f"records only in {self.only_in.upper()}" if self.only_in else "")
        return f"{named} {kind}".strip()


@dataclasses.dataclass(slots=True)
class Acceptances:
    """The entries that hold on a day, and which of them were used.

    Attributes:
        entries: Those that hold.
        over: Those that have run out.
        used: Places of entries that accepted something.
    """

    entries: tuple[Acceptance, ...] = ()
    over: tuple[Acceptance, ...] = ()
    used: set[int] = dataclasses.field(default_factory=set)

    def for_attribute(self, dataset: str, variable: str | None, attribute: str) -> str | None:
        """Return why a difference of an attribute stays, or None."""
        for place, one in enumerate(self.entries):
            if (
                one.dataset == dataset
                and one.attribute == attribute
                and one.variable in {variable, None}
            ):
                self.used.add(place)
                return one.reason
        return None

    def for_values(self, dataset: str, variable: str) -> Iterable[tuple[int, Acceptance]]:
        """Return the entries that may accept values of a variable."""
        for place, one in enumerate(self.entries):
            whole = one.attribute is None and one.only_in is None
            if whole and one.dataset == dataset and one.variable in {variable, None}:
                yield place, one

    def for_records(self, dataset: str, side: str) -> Iterable[tuple[int, Acceptance]]:
        """Return the entries that may accept records of one side."""
        for place, one in enumerate(self.entries):
            if one.dataset == dataset and one.only_in == side:
                yield place, one

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong with the entries, after all was compared."""
        over = [
            Diagnostic("CMP003", f"the acceptance of {one} held until {one.until}", help=one.reason)
            for one in self.over
        ]
        vain = [
            Diagnostic("CMP004", f"no difference is accepted by the entry of {one}")
            for place, one in enumerate(self.entries)
            if place not in self.used
        ]
        return (*over, *vain)


def read_acceptances(path: Path, day: dt.date) -> Acceptances:
    """Return the entries of a YAML file.

    Args:
        path: A list of entries; see `Acceptance`.
        day: The day against which ``until`` is held.

    Raises:
        SpecError: The file cannot be read, or is no such list (CMP002).
    """
    try:
        value: Any = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506  a safe loader
        entries = TypeAdapter(list[Acceptance]).validate_python([] if value is None else value)
    except OSError as error:
        raise _wrong(f'cannot read "{path.name}": {error.strerror}') from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        said = str(error).replace("\n", " ")[:200]
        raise _wrong(f'"{path.name}" is no YAML', said) from error
    except ValidationError as error:
        places = [
            f"entry {'.'.join(str(p + 1 if isinstance(p, int) else p) for p in one['loc'][:2])}: "
            f"{one['msg']}"
            for one in error.errors()
        ]
        raise _wrong(f'"{path.name}" is no list of acceptances', *places) from error
    return Acceptances(
        entries=tuple(one for one in entries if one.until is None or one.until >= day),
        over=tuple(one for one in entries if one.until is not None and one.until < day),
    )


def _wrong(fact: str, *found: str) -> SpecError:
    return SpecError([Diagnostic("CMP002", fact, found=found)])

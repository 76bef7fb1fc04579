"""Published rules taken over from a clone, a folder or an archive: every one of them, or none.

A rule is a YAML file with an identifier under ``Core``. What is a draft or is no longer in force
is left out, and counted. Of an archive nothing is unpacked to disk, and no member is read that
would be larger than a rule can be.
"""

import dataclasses
import datetime as dt
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from cdisc.diagnostics import Diagnostic
from cdisc.errors import SpecError
from cdisc.raw.archive import DAMAGED
from cdisc.review.rule_store import Data, Store, identifier, store_of

LARGEST = 4 << 20
"""Bytes that the file of a rule may have."""

MOST = 20_000
"""Files that are read of an archive; there are some hundreds of rules."""

PARTS = 100_000
"""Values that a rule may have, what it repeats by reference counted each time."""

_SUFFIXES = (".yml", ".yaml")
_IN_FORCE = "published"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OTHERS = frozenset({".git", ".github", ".vscode", "node_modules"})


@dataclasses.dataclass(frozen=True)
class Taken:
    """What an import found.

    Attributes:
        store: The rules.
        hindered: For each that cannot be run here, the construct that hinders it.
        left: How many were left out, by their status.
    """

    store: Store
    hindered: Mapping[str, str]
    left: Mapping[str, int]


def take_rules(path: Path) -> Taken:
    """Read published rules, and check that each can be compiled.

    Args:
        path: A clone of the repository, a folder with the rules, one file, or an archive.

    Raises:
        SpecError: RULE001, there are none; RULE002, a file is no YAML; RULE005, an identifier
            stands for two rules; RULE006, the archive is damaged, or would unpack to more than
            rules can be.
    """
    found: dict[str, tuple[str, Data]] = {}
    left: dict[str, int] = {}
    wrong: list[Diagnostic] = []
    for name, content in _files(path):
        try:
            text = content.decode("utf-8-sig")
            rule = _plain(yaml.load(text, Loader=_LOADER))  # noqa: S506  the safe loader
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            fact = f"{name} is no YAML: {' '.join(str(error).split())[:200]}"
            wrong.append(Diagnostic("RULE002", fact))
            continue
        if not isinstance(rule, dict) or not (number := identifier(rule)):
            continue
        status = str(rule["Core"].get("Status") or _IN_FORCE).lower()
        if status != _IN_FORCE:
            left[status] = left.get(status, 0) + 1
            continue
        before, other = found.setdefault(number, (name, rule))
        if other != rule:
            fact = f"{number} stands for two rules: {before} and {name}"
            wrong.append(Diagnostic("RULE005", fact))
    if wrong:
        raise SpecError(wrong)
    if not found:
        raise SpecError([Diagnostic("RULE001", f"there are no rules in {path.as_posix()}")])
    store = store_of([rule for _name, rule in found.values()])
    return Taken(store, store.known[1], dict(sorted(left.items())))


def _plain(value: Any) -> Any:
    """Return what YAML gives as what JSON has: dates as texts, keys as texts.

    Raises:
        ValueError: It is larger than a rule can be, or of values that JSON has not.
    """
    return _Plain().of(value)


class _Plain:
    """Counts what it makes: what is repeated by reference grows without end."""

    def __init__(self) -> None:
        self.parts = 0

    def of(self, value: Any) -> Any:
        self.parts += 1
        if self.parts > PARTS:
            raise ValueError(f"more than {PARTS:,} values")
        if isinstance(value, dict):
            return {str(key): self.of(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if isinstance(value, dt.date | dt.datetime):
            return value.isoformat()
        if value is None or isinstance(value, str | bool | int | float):
            return value
        raise ValueError(f"a value of type {type(value).__name__}")


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each YAML file, in the order of names."""
    if path.is_file() and path.suffix.lower() not in _SUFFIXES:
        yield from _members(path)
        return
    if path.is_file():
        yield path.name, path.read_bytes()
        return
    for one in sorted(path.rglob("*")):
        inside = one.relative_to(path)
        if one.suffix.lower() in _SUFFIXES and one.is_file() and _may_be(inside.parts):
            if one.stat().st_size > LARGEST:
                raise _refused(f"{inside.as_posix()} is no rule: {one.stat().st_size:,} bytes")
            yield inside.as_posix(), one.read_bytes()


def _may_be(parts: Sequence[str]) -> bool:
    """Say whether a file may be a rule: what belongs to the machinery of a clone is none."""
    return not _OTHERS.intersection(parts)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as whole:
            members = sorted(whole.infolist(), key=lambda one: one.filename)
            rules = [one for one in members if one.filename.lower().endswith(_SUFFIXES)]
            rules = [one for one in rules if _may_be(PurePosixPath(one.filename).parts)]
            for one in rules:
                _check_member(one)
            if len(rules) > MOST:
                raise _refused(f"{len(rules):,} files of rules, and at most {MOST:,} are read")
            for one in rules:
                yield one.filename, whole.read(one)  # stops at the size that was checked
    except DAMAGED as error:
        raise _refused(f"{path.name} cannot be unpacked: {error}") from error


def _check_member(one: zipfile.ZipInfo) -> None:
    place = PurePosixPath(one.filename.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or ":" in one.filename:
        raise _refused(f'"{one.filename}" lies outside the archive')
    if one.file_size > LARGEST:
        raise _refused(f'"{one.filename}" would unpack to {one.file_size:,} bytes')


def _refused(fact: str) -> SpecError:
    return SpecError([Diagnostic("RULE006", fact)])

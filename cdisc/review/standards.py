"""Which standards the datasets of a folder follow: those stated, else the newest, said aloud."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from cdisc.dataset import StandardUse
from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import StandardNotFoundError
from cdisc.review.folder import DEFINE, Folder
from cdisc.standard import (
    AdamStandard,
    SdtmStandard,
    Terminology,
    carried_adam,
    carried_sdtm,
    carried_terminology,
    load_adam,
    load_sdtm,
    load_terminology,
)
from define_xml import Define

_PACKAGES = ("sdtm", "adam")


@dataclasses.dataclass(frozen=True, slots=True)
class Standards:
    """What a folder is validated against, and what had to be assumed for it."""

    analysis: bool
    guide: SdtmStandard | AdamStandard
    releases: tuple[Terminology, ...]
    uses: tuple[StandardUse, ...]
    findings: tuple[Diagnostic, ...]


def standards_of(folder: Folder, imported: Path | None = None) -> Standards:
    """Return what a folder is to be validated against.

    A release of terminology of which no check asks, such as that of Define-XML, is left out.
    """
    uses = _uses(folder.define) if folder.define else ()
    analysis = _is_analysis(folder, uses)
    guides = [one.version for one in uses if one.name == ("ADaMIG" if analysis else "SDTMIG")]
    published = [
        ((one.publishing_set or "sdtm").lower(), one.version) for one in uses if one.type == "CT"
    ]
    chosen = _Choice(folder, imported)
    guide = chosen.guide(guides[0] if guides else None, analysis=analysis)
    releases = [
        chosen.release(package, version) for package, version in published if package in _PACKAGES
    ]
    if "sdtm" not in dict(published):
        releases.append(chosen.release("sdtm", None))
    if analysis and folder.define is None:
        releases.append(chosen.release("adam", None))
    findings = chosen.findings("ADAM040" if analysis else "SDTM040")
    return Standards(analysis, guide, tuple(releases), uses, findings)


def _uses(define: Define) -> tuple[StandardUse, ...]:
    return tuple(
        StandardUse(
            key=standard_key(one.oid),
            name=one.name,
            type="CT" if one.type == "CT" else "IG",
            version=one.version,
            publishing_set=one.publishing_set,
        )
        for one in define.standards
    )


def _is_analysis(folder: Folder, uses: Sequence[StandardUse]) -> bool:
    """Say whether a folder holds analysis data: by its standard, its purpose or its names."""
    guides = [one.name for one in uses if one.type == "IG"]
    if guides:
        return any(name.startswith("ADaM") for name in guides)
    if folder.define:
        return any(group.purpose == "Analysis" for group in folder.define.item_groups)
    newest = load_sdtm(carried_sdtm()[-1])
    return all(newest.dataset(one.name) is None for one in folder.datasets)


@dataclasses.dataclass(slots=True)
class _Choice:
    """Loads what a define.xml states, else the newest that is carried, and says so."""

    folder: Folder
    imported: Path | None = None
    not_carried: list[Diagnostic] = dataclasses.field(default_factory=list)
    assumed: list[str] = dataclasses.field(default_factory=list)

    def guide(self, version: str | None, *, analysis: bool) -> SdtmStandard | AdamStandard:
        newest = (carried_adam() if analysis else carried_sdtm())[-1]
        name = f"{'ADaMIG' if analysis else 'SDTMIG'} {newest}"
        load = load_adam if analysis else load_sdtm
        if version is None:
            self.assumed.append(name)
            return load(newest)
        try:
            return load(version)
        except StandardNotFoundError as error:
            self._refused(error, version, name)
            return load(newest)

    def release(self, package: str, version: str | None) -> Terminology:
        newest = max(date for name, date in carried_terminology() if name == package)
        name = f"CT {package} {newest}"
        if version is None:
            self.assumed.append(name)
            return load_terminology(package, newest)
        try:
            return load_terminology(package, version, imported=self.imported)
        except StandardNotFoundError as error:
            self._refused(error, version, name)
            return load_terminology(package, newest)

    def findings(self, code: str) -> tuple[Diagnostic, ...]:
        """Return what was not carried and, under `code`, what was not stated."""
        if not self.assumed:
            return tuple(self.not_carried)
        where = f'of "{self.folder.path.as_posix()}"'
        if self.folder.define:
            fact = f"the {DEFINE} {where} does not name every standard"
        elif (self.folder.path / DEFINE).is_file():
            fact = f"the {DEFINE} {where} cannot be read, so no standard is named"
        else:
            fact = f"no {DEFINE} names the standards {where}"
        unstated = Diagnostic(
            code,
            fact,
            expected=f"a {DEFINE} that names guide and terminology",
            help=f"assumed, as the newest that are carried: {', '.join(self.assumed)}",
        )
        return (*self.not_carried, unstated)

    def _refused(self, error: StandardNotFoundError, version: str, used: str) -> None:
        place = _line_with(self.folder.path / DEFINE, f'Version="{version}"')
        help_ = f"{used}, the newest that is carried, was used; its findings may not apply"
        self.not_carried += (
            dataclasses.replace(one, span=place, help=help_) for one in error.diagnostics
        )


def _line_with(path: Path, text: str) -> Span:
    """Return the first place of a text in a file, or the first line if it is not there."""
    for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
        if text in line:
            start = line.index(text) + 1
            return Span(path.as_posix(), number, start, start + len(text), line)
    return Span(path.as_posix(), 1, 1, 1)


def standard_key(oid: str) -> str:
    """Return the key of a standard from its OID."""
    return oid.removeprefix("STD.")

"""Which releases of the standards ``specs/`` carries, and what to say if one is not there.

A release is a folder; nothing is registered anywhere else. Its name is what it
holds and the version or date: ``sdtm/ig-3.4``, ``adam/ig-1.3``,
``ct/sdtm-2025-03-28``.
"""

from pathlib import Path

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import StandardNotFoundError
from cdisc.resources import specs_root


def carried_sdtm(root: Path | None = None) -> tuple[str, ...]:
    """Return the SDTMIG versions that ``specs/sdtm`` holds, oldest first."""
    return _versions((root or specs_root()) / "sdtm", "ig-")


def carried_adam(root: Path | None = None) -> tuple[str, ...]:
    """Return the ADaMIG versions that ``specs/adam`` holds, oldest first."""
    return _versions((root or specs_root()) / "adam", "ig-")


def carried_terminology(root: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Return the releases of ``specs/ct`` as (package, date), sorted."""
    folder = (root or specs_root()) / "ct"
    names = (path.parent.name for path in folder.glob("*/codelists.tsv"))
    return tuple(sorted((name[:-11], name[-10:]) for name in names if not name.startswith(".")))


def require_guide(folder: Path, name: str, version: str, carried: tuple[str, ...]) -> Path:
    """Return the folder of an implementation guide.

    Raises:
        StandardNotFoundError: STD001, the version is not carried.
    """
    if version in carried:
        return folder / f"ig-{version}"
    raise StandardNotFoundError(
        [
            Diagnostic(
                "STD001",
                f'{name} "{version}" is not carried',
                expected=f"one of {', '.join(carried)}",
                help=f'write one of these, or add the folder "specs/{folder.name}/ig-{version}"',
            )
        ]
    )


def require_release(package: str, date: str, root: Path | None = None) -> Path:
    """Return the folder of a release of controlled terminology.

    Raises:
        StandardNotFoundError: STD002, the release is not carried.
    """
    carried = carried_terminology(root)
    if (package, date) in carried:
        return (root or specs_root()) / "ct" / f"{package}-{date}"
    own = [there for name, there in carried if name == package]
    near = None if own else did_you_mean(package, {name for name, _ in carried})
    add = f'add the folder "specs/ct/{package}-{date}" with codelists.tsv and terms.tsv'
    raise StandardNotFoundError(
        [
            Diagnostic(
                "STD002",
                f'controlled terminology "{package} {date}" is not carried',
                expected=f"one of {', '.join(f'{name} {there}' for name, there in carried)}",
                help=near or f"write {own[-1]}, or {add}" if own or near else add,
            )
        ]
    )


def _versions(folder: Path, prefix: str) -> tuple[str, ...]:
    names = (path.parent.name for path in folder.glob(f"{prefix}*/standard.yaml"))
    found = (name.removeprefix(prefix) for name in names)
    return tuple(sorted(found, key=lambda text: [int(part) for part in text.split(".")]))

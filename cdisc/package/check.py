"""A folder of study data against what agencies take: names, sizes, places, documents.

Anybody's folder can be checked. What lies beside ``m5`` is not handed in, and only the
manifest speaks of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.package.manifest import MANIFEST, changed_outputs, list_files, listed_outputs
from cdisc.package.pdf import check_pdf
from cdisc.resources import specs_root

Said = Mapping[str, Any]
_M5, _DATASETS = "m5", "datasets"
_STYLESHEET = re.compile(r"<\?xml-stylesheet[^>]*href=\"([^\"]*)\"")
_HEAD = 4096  # characters of a define.xml in which the instruction stands
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@cache
def rules() -> Said:
    """Return ``specs/package.yaml``."""
    text = (specs_root() / "package.yaml").read_text(encoding="utf-8")
    found: Said = yaml.load(text, Loader=_LOADER)  # noqa: S506  makes text only
    return found


def check_package(package: Path) -> tuple[Diagnostic, ...]:
    """Check a folder that is to be handed in.

    Args:
        package: A package, a folder with ``m5``, the ``m5`` itself, or any other folder, of
            which only files are judged then.

    Returns:
        The findings: PKG001 to PKG009 of names, sizes and places, PKG010 to PKG015 of PDF
        documents, PKG020 of the manifest, in the order of the paths.

    Raises:
        OutputError: PKG016, there is no such folder, or no file in it.

    Source:
        ICH eCTD specification 3.2.2, appendix 2; FDA Study Data Technical Conformance
        Guide, section 7; FDA Portable Document Format Specifications.
    """
    names = list_files(package) if package.is_dir() else []
    if not names:
        fact = f'there is no file in "{package.as_posix()}"'
        raise OutputError([Diagnostic("PKG016", fact)])
    root = _root(package)
    found: list[Diagnostic] = []
    if root is None:
        found.append(Diagnostic("PKG001", f'"{package.as_posix()}" has no folder m5'))
    base = package if root is None else root.parent
    submitted = [
        path.relative_to(base).as_posix()
        for path in (package / name for name in names)
        if root is None or path.is_relative_to(root)
    ]
    found += _names(submitted)
    for name in submitted:
        found += _file(base / name, name)
    if root is not None:
        found += _places(base, submitted)
    found += _manifest(package)
    return tuple(found)


def _root(package: Path) -> Path | None:
    if package.name == _M5:
        return package.resolve()
    return package / _M5 if (package / _M5).is_dir() else None


def _names(names: Sequence[str]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the names of folders and files, each folder once."""
    said = rules()["names"]
    seen: set[str] = set()
    for name in names:
        path = PurePosixPath(name)
        if path.name.lower() in rules()["left"]:
            yield Diagnostic("PKG005", f'"{name}" was left behind by a desktop')
            continue
        for folder in reversed(path.parents[:-1]):
            if folder.as_posix() not in seen:
                seen.add(folder.as_posix())
                yield from _name(folder, folder.name, said)
        stem, dot, suffix = path.name.partition(".")
        yield from _name(path, stem, said)
        if not dot or not re.fullmatch("[a-z0-9]+", suffix):
            yield Diagnostic(
                "PKG002",
                f'"{name}" does not end with one suffix in lower case',
                found=(dot + suffix,) if dot else (),
            )
        if suffix == "xpt" and len(stem) > int(said["dataset"]):
            fact = f'"{name}" is no name of a dataset: {len(stem)} characters'
            yield Diagnostic("PKG003", fact, expected=f"at most {said['dataset']}")
        if len(name) > int(said["path"]):
            fact = f'the path "{name}" has {len(name)} characters'
            yield Diagnostic("PKG003", fact, expected=f"at most {said['path']}")
    counts = Counter(name.lower() for name in names)
    for name in names:
        if counts[name.lower()] > 1:
            yield Diagnostic("PKG002", f'"{name}" differs from another file in its case only')


def _name(path: PurePosixPath, stem: str, said: Said) -> Iterator[Diagnostic]:
    if not re.fullmatch(said["pattern"], stem):
        fact = f'the name of "{path.as_posix()}" has other characters'
        yield Diagnostic("PKG002", fact, found=(path.name,), expected=said["said"])
    if len(path.name) > int(said["longest"]):
        fact = f'the name of "{path.as_posix()}" has {len(path.name)} characters'
        yield Diagnostic("PKG003", fact, expected=f"at most {said['longest']}")


def _file(path: Path, name: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with a file by itself."""
    suffix = path.suffix.lower().removeprefix(".")
    size, most = path.stat().st_size, rules()["sizes"].get(suffix)
    if size == 0:
        yield Diagnostic("PKG004", f'"{name}" is empty')
    elif most is not None and size > int(most):
        yield Diagnostic(
            "PKG004",
            f'"{name}" has {size:,} bytes',
            expected=f"at most {int(most):,}",
            help="split the dataset and say how in the guide" if suffix == "xpt" else None,
        )
    elif suffix == "pdf":
        yield from check_pdf(path, name, rules()["pdf"])


def _places(base: Path, names: Sequence[str]) -> Iterator[Diagnostic]:
    """Yield what does not lie where it is looked for."""
    known: Mapping[str, Sequence[str]] = rules()["folders"]
    there: dict[str, set[str]] = {}
    for name in names:
        parts = PurePosixPath(name).parts
        if len(parts) < 4 or parts[1] != _DATASETS:  # noqa: PLR2004  m5, datasets, study, file
            yield Diagnostic("PKG006", f'"{name}" is not in m5/datasets and the folder of a study')
            continue
        folder = "/".join(parts[3:-1])
        there.setdefault("/".join(parts[:-1]), set()).add(parts[-1])
        suffix = PurePosixPath(name).suffix.removeprefix(".")
        if folder not in known:
            expected = ", ".join(known)
            yield Diagnostic("PKG006", f'"{name}" is in a folder of no kind', expected=expected)
        elif suffix not in known[folder]:
            yield Diagnostic(
                "PKG007",
                f'"{name}" is of a kind that is not handed in there',
                expected=", ".join(known[folder]),
                help="keep it elsewhere, or hand it in as PDF" if suffix == "docx" else None,
            )
    for folder, files in there.items():
        yield from _company(base, folder, files)


def _company(base: Path, folder: str, files: set[str]) -> Iterator[Diagnostic]:
    """Yield what transport files are to have beside them."""
    kind = "/".join(PurePosixPath(folder).parts[3:])
    if any(name.endswith(".xpt") for name in files):
        for name in rules()["needed"].get(kind, ()):
            if name not in files:
                yield Diagnostic("PKG008", f'"{folder}" has datasets and no {name}')
    if "define.xml" in files:
        with (base / folder / "define.xml").open(encoding="utf-8", errors="replace") as file:
            named = _STYLESHEET.search(file.read(_HEAD))
        if named is None:
            yield Diagnostic("PKG009", f'"{folder}/define.xml" names no stylesheet')
        elif named[1] not in files:
            fact = f'"{folder}/define.xml" names a stylesheet that is not beside it'
            yield Diagnostic("PKG009", fact, found=(named[1],))


def _manifest(package: Path) -> Iterator[Diagnostic]:
    """Yield what is not as the manifest of ours says; nothing without one."""
    listed = listed_outputs(package)
    if listed is None:
        return
    there = set(list_files(package))
    changed = changed_outputs(package, ("",))
    for what, names in (
        ("is not in the package", sorted(listed - there)),
        ("is not as it was made", sorted(changed)),
        ("is not listed", sorted(there - listed)),
    ):
        for name in names:
            yield Diagnostic("PKG020", f'by {MANIFEST} "{name}" {what}')

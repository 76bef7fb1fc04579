"""What a check found, kept for as long as nothing that it looked at has changed.

The findings lie in a cache folder, in one file for each study, beside the hash of everything
that they depend on: the program and what is installed with it, the standards, the files of
the study and of the libraries that it extends, and the folders of terminology and dictionaries
that it names. If anything of it is another, or the file is none of ours, the study is checked
as if there were no file. Nothing but `check` looks into it, so no output can depend on it.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic, Span
from cdisc.record import record
from cdisc.resources import specs_root

_PROGRAM = Path(__file__).resolve().parents[1]
_READ = {".yaml", ".py"}  # what a check reads in the folder of a study
_MOST = 64  # studies whose findings are kept
_TICK = 20_000_000  # ns by which a file system may be behind the clock


@record()
class Outcome:
    """What a check without mistakes says.

    Attributes:
        findings: Warnings and notes, in the order of the files.
        datasets: How many datasets there are.
        variables: How many variables they have.
    """

    findings: tuple[Diagnostic, ...]
    datasets: int
    variables: int


@record()
class Looked:
    """Where a check looked beside the folder of the study.

    Attributes:
        mappings: Folders of the libraries that it extends.
        whole: Folders of terminology and of dictionaries.
        asked: Files whose being there decides which library is meant.
    """

    mappings: tuple[Path, ...] = ()
    whole: tuple[Path, ...] = ()
    asked: tuple[Path, ...] = ()


def cache_folder() -> Path:
    """Return where the findings lie if nobody says otherwise: ``XDG_CACHE_HOME``, in ``cdisc``."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    # the specification wants relative paths to be ignored
    return (Path(said) if Path(said).is_absolute() else Path.home() / ".cache") / "cdisc"


class Memo:
    """The findings of one study that were kept.

    Args:
        study: Folder of the study.
        cache: Folder of all that is kept.
    """

    def __init__(self, study: Path, cache: Path) -> None:
        self.study, self.folder = study, cache / "check"
        # findings name files from the current folder, and by where links lead
        place = f"{study}\n{study.resolve()}\n{Path.cwd()}"
        self.file = self.folder / f"{_sum(place)}.json"
        # both as they are before anything is looked at
        self._begun, self._of = time.time_ns() - _TICK, _program()

    def read(self) -> Outcome | None:
        """Return what was found when everything was as it is now; None if nothing is known."""
        try:
            file = json.loads(self.file.read_bytes())
            if file["sum"] != _sum(file["kept"]):
                return None
            kept = json.loads(file["kept"])
            looked = Looked(*(tuple(map(Path, one)) for one in kept["looked"]))
            return _outcome(kept["outcome"]) if kept["of"] == self._state(looked) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None  # not there, damaged, or written by another program

    def write(self, outcome: Outcome, looked: Looked) -> None:
        """Keep what was found, whole or not at all; where nothing can be kept, all goes on."""
        with suppress(OSError):
            files = _of_study(self.study, looked)
            if max((path.stat().st_mtime_ns for path in files), default=0) > self._begun:
                return  # changed while it was looked at
            kept = {
                "of": self._state(looked),
                "looked": [[str(path) for path in one] for one in vars(looked).values()],
                "outcome": {
                    **vars(outcome),
                    "findings": [one.to_json() for one in outcome.findings],
                },
            }
            text = json.dumps(kept)
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = self.file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({"sum": _sum(text), "kept": text}), encoding="utf-8")
            fresh.replace(self.file)
            self._forget()

    def _forget(self) -> None:
        """Remove what was kept longest ago, where there is more than is kept."""
        ours = self.folder.glob(f"{'?' * len(self.file.stem)}.json")
        files = sorted(ours, key=lambda one: one.stat().st_mtime_ns)
        for path in files[:-_MOST]:
            path.unlink(missing_ok=True)

    def _state(self, looked: Looked) -> str:
        """Return the hash of everything that findings depend on."""
        asked = [path.is_file() for path in looked.asked]
        return _sum(repr((self._of, _hash(_of_study(self.study, looked)), asked)))


@cache
def _program() -> tuple[str, ...]:
    """Return what the program is, which stays so: its files, the standards, what is installed."""
    files = [path for path in _files(_PROGRAM) if path.parent.name != "__pycache__"]
    state = _hash([*files, *_files(specs_root())])
    folders = [path for one in sys.path if (path := Path(one)).is_dir()]
    names = (path.name for one in folders for path in one.iterdir())
    return (sys.version, state, *sorted(name for name in names if name.endswith("-info")))


def _hash(files: Iterable[Path]) -> str:
    """Return the hash of files, of their names and their contents."""
    found = hashlib.blake2b()
    for path in files:
        content = path.read_bytes()
        found.update(f"{path}\n{len(content)}\n".encode("utf-8", "surrogateescape"))
        found.update(content)
    return found.hexdigest()


def _of_study(study: Path, looked: Looked) -> Iterator[Path]:
    for folder in (study, *looked.mappings):
        yield from (path for path in _files(folder) if path.suffix in _READ)
    for folder in looked.whole:
        yield from _files(folder)


def _files(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted; none if it is not there."""
    return [
        Path(place, name)
        for place, _folders, names in sorted(os.walk(folder))
        for name in sorted(names)
    ]


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _outcome(kept: dict[str, Any]) -> Outcome:
    findings = tuple(_finding(one) for one in kept["findings"])
    return Outcome(findings, kept["datasets"], kept["variables"])


def _finding(kept: dict[str, Any]) -> Diagnostic:
    parts = {key: part for key, part in kept.items() if key != "severity"}
    span = Span(**parts.pop("span")) if "span" in parts else None
    return Diagnostic(**{**parts, "span": span, "found": tuple(parts.get("found", ()))})

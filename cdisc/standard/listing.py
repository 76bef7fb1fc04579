"""The releases of controlled terminology that a study may name, and where they lie."""

import dataclasses
from pathlib import Path

from cdisc.standard.releases import carried_terminology, imported_terminology, shown
from cdisc.standard.terminology import Terminology, load_terminology


@dataclasses.dataclass(frozen=True)
class ListedRelease:
    """One release; a `place` of None says that the program carries it."""

    release: Terminology
    codelists: int
    terms: int
    place: str | None

    def to_text(self) -> str:
        """Return one line."""
        name = f"{self.release.package} {self.release.date}"
        size = f"{self.codelists:>5} codelists {self.terms:>6} terms"
        return f"{name:<22} {size}  sha256 {self.release.sha256[:12]}  {self.place or 'carried'}"

    def to_json(self) -> dict[str, object]:
        """Return JSON-ready values."""
        return {
            "package": self.release.package,
            "date": self.release.date,
            "codelists": self.codelists,
            "terms": self.terms,
            "sha256": self.release.sha256,
            "place": self.place or "carried",
        }


def list_releases(imported: Path) -> tuple[ListedRelease, ...]:
    """Return the releases that are carried or lie in a folder, by package and date."""
    carried = set(carried_terminology())
    return tuple(
        _listed(package, date, None if (package, date) in carried else imported)
        for package, date in sorted({*carried, *imported_terminology(imported)})
    )


def _listed(package: str, date: str, imported: Path | None) -> ListedRelease:
    release = load_terminology(package, date, imported=imported)
    place = shown(release.folder) if imported else None
    return ListedRelease(release, *release.size, place)

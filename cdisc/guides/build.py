"""Facts of a package to a reviewer's guide, by the sections of the template."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdisc import __version__
from cdisc.guides.facts import Facts
from cdisc.guides.model import Guide, Paragraph, Part, Section, ToWrite
from cdisc.guides.tables import about, groups, tables_of
from cdisc.guides.texts import read_guide

_FILES = {"sdtm": "csdrg", "adam": "adrg"}
_UNNUMBERED = "Appendix "


def build_guide(facts: Facts) -> Guide:
    """Return the reviewer's guide of one stage of a package.

    Args:
        facts: What the package says.

    Returns:
        All sections of the template. What only a person can say is asked for in its place.
    """
    said = read_guide(_FILES[facts.stage])
    study = facts.define.study_name
    words = {"study": study, "version": __version__}
    sections = tuple(_sections(said["sections"], facts, said, words, ()))
    return Guide(said["title"], study, said["template"], said["file"], sections)


def _sections(
    entries: list[Mapping[str, Any]],
    facts: Facts,
    said: Mapping[str, Any],
    words: Mapping[str, str],
    above: tuple[int, ...],
) -> Iterator[Section]:
    for at, entry in enumerate(entries, start=1):
        place = (*above, at)
        heading = entry["heading"]
        number = "" if heading.startswith(_UNNUMBERED) else ".".join(map(str, place))
        parts = tuple(_parts(entry, facts, said, words))
        yield Section(number, heading, len(place), parts)
        yield from _each(entry, facts, place)
        yield from _sections(entry.get("sections", []), facts, said, words, place)


def _parts(
    entry: Mapping[str, Any], facts: Facts, said: Mapping[str, Any], words: Mapping[str, str]
) -> Iterator[Part]:
    if "says" in entry:
        yield Paragraph(entry["says"].format_map(words))
    for name in entry.get("tables", ()):
        yield from tables_of(name, facts, said)
    if "write" in entry:
        yield ToWrite(entry["write"])


def _each(entry: Mapping[str, Any], facts: Facts, above: tuple[int, ...]) -> Iterator[Section]:
    """Yield a section for each dataset that a section is about."""
    found = groups(facts, entry["each"]) if "each" in entry else ()
    for at, group in enumerate(found, start=1):
        asked = ToWrite(entry["write_each"].format(dataset=group.name))
        number = ".".join(map(str, (*above, at)))
        heading = f"{group.name} - {group.description or group.name}"
        yield Section(number, heading, len(above) + 1, (*about(facts, group), asked))

"""Names with placeholders, as ADaM publishes them: ``TRTxxP``, ``AGEGRy``, ``--TERM``, ``*DT``.

Lower-case letters stand for an index (ADaMIG 3.1.4): ``xx`` a period and ``zz``
a record selection, two digits from 01; ``y`` a count from 1 without leading
zero; ``w`` one digit from 1. ``--`` stands for the two letters of a domain, and
``*`` for whatever the sponsor chose. The same index is filled in the label.
"""

import itertools
import re
from functools import cache, cached_property

from cdisc.record import record

_PLACES = {
    "xx": r"(?P<xx>(?!00)\d\d)",
    "zz": r"(?P<zz>(?!00)\d\d)",
    "y": r"(?P<y>[1-9]\d*)",
    "w": r"(?P<w>[1-9])",
    "--": r"(?P<domain>[A-Z][A-Z0-9])",
    "*": r"(?P<stem>[A-Z][A-Z0-9_]*)",
}
_TOKEN = re.compile(r"xx|zz|y|w|--|\*|.")
_LONGEST_NAME = 8


@record()
class Template:
    """A published name that stands for many.

    Example:
        >>> Template("TRTxxPN").indices("TRT01PN")
        {'xx': '01'}
    """

    text: str

    @cached_property
    def literals(self) -> int:
        """How many characters are fixed; the more, the more specific."""
        return sum(token not in _PLACES for token in _TOKEN.findall(self.text))

    @cached_property
    def beginning(self) -> str:
        """The characters before the first placeholder."""
        tokens = _TOKEN.findall(self.text)
        return "".join(itertools.takewhile(lambda token: token not in _PLACES, tokens))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (_PLACES.get(token, re.escape(token)) for token in _TOKEN.findall(self.text))
        return re.compile("".join(parts))

    def indices(self, name: str) -> dict[str, str] | None:
        """Return what each placeholder stands for in a name, or None if it does not fit."""
        if len(name) > _LONGEST_NAME or not name.startswith(self.beginning):
            return None
        found = self._pattern.fullmatch(name)
        return found.groupdict() if found else None


@cache
def template_of(name: str) -> Template | None:
    """Return a published name as a template, or None if it stands only for itself."""
    return Template(name) if any(token in _PLACES for token in _TOKEN.findall(name)) else None


def fill_label(label: str, indices: dict[str, str]) -> str:
    """Return a published label with the indices of the name in it.

    A placeholder is a word of its own in the label; ``XX`` is the domain. The
    star with which OCCDS marks labels that follow the domain's is left out.

    Example:
        >>> fill_label("Planned Treatment for Period xx (N)", {"xx": "01"})
        'Planned Treatment for Period 01 (N)'
    """
    words = {("XX" if key == "domain" else key): value for key, value in indices.items()}
    for word, value in words.items():
        label = re.sub(rf"\b{word}\b", value, label)
    return label.removesuffix("*")

"""Which known texts a collected text resembles: suggestions for people, never a mapping."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from rapidfuzz import fuzz, process

from cdisc.functions.terminology import fold
from cdisc.report.inbox import Suggestion

_AT_MOST = 5
_ALIKE = 60  # of 100; below it a suggestion is noise
_LOOKED_AT = 40  # texts whose letters are nearest, and those that share a word
_SHORT = 3  # letters of a word that tells something
_TOGETHER = 500


def suggested(
    values: Sequence[str], known: Sequence[tuple[str, str]]
) -> Mapping[str, tuple[Suggestion, ...]]:
    """Return what each value may have been meant to be.

    Args:
        values: Collected texts.
        known: Texts that are known, each with the term it stands for; a term may have several.

    Returns:
        At most five terms of each value, the nearest first, by the text that is nearest;
        equals in the order of `known`. What else is in `values` does not matter.
    """
    texts = [fold(text) for text, _term in known]
    shared = _by_word(texts)
    found: dict[str, tuple[Suggestion, ...]] = dict.fromkeys(values, ())
    for start in range(0, len(values) if known else 0, _TOGETHER):
        part = values[start : start + _TOGETHER]
        folded = [fold(value) for value in part]
        letters = process.cdist(folded, texts, scorer=fuzz.ratio, dtype=np.uint8)
        for value, said, row in zip(part, folded, letters, strict=True):
            near = np.argsort(-row.astype(np.int16), kind="stable")[:_LOOKED_AT].tolist()
            words = Counter(at for word in _words(said) for at in shared.get(word, ()))
            near += sorted(words, key=lambda at: (-words[at], len(texts[at]), at))[:_LOOKED_AT]
            found[value] = tuple(_best(said, near, texts, known))
    return found


def _by_word(texts: Sequence[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        for word in _words(text):
            found.setdefault(word, []).append(at)
    return found


def _words(text: str) -> set[str]:
    return {word for word in re.split(r"\W+", text) if len(word) >= _SHORT}


def _best(
    said: str, near: Sequence[int], texts: Sequence[str], known: Sequence[tuple[str, str]]
) -> Iterator[Suggestion]:
    """Yield the best of the texts that were looked at, one for each term."""
    scores = {at: fuzz.WRatio(said, texts[at], score_cutoff=_ALIKE) for at in near}
    ranked = sorted(
        (-round(score), -round(fuzz.ratio(said, texts[at])), at)
        for at, score in scores.items()
        if score
    )
    given: set[str] = set()
    for score, _whole, at in ranked:
        text, term = known[at]
        if term not in given and len(given) < _AT_MOST:
            given.add(term)
            yield Suggestion(term, text, -score)

"""What may become of a text that a verb does not know: the words behind ``else``."""

from cdisc.language.verb import Argument

_WORDS = ("error", "report", "missing")
ELSE = Argument("else", "word", after=("else",), optional=True, choices=_WORDS)
ELSE_KEEP = Argument("else", "word", after=("else",), optional=True, choices=(*_WORDS, "keep"))

"""The built-in verbs, one idea a file; `builtin_verbs` lists them all."""

from cdisc.functions.registry import builtin_verbs

__all__ = ["builtin_verbs"]

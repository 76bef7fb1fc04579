"""The derivations of a study in R (base and dplyr), for double programming by hand."""

from cdisc.rlang.script import r_script

__all__ = ["r_script"]

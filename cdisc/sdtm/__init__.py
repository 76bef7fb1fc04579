"""The tabulation stage: what a run gave, as a study of SDTM datasets."""

from cdisc.sdtm.build import build_sdtm

__all__ = ["build_sdtm"]

"""The analysis stage: what a run gave, as a study of ADaM datasets."""

from cdisc.adam.build import build_adam

__all__ = ["build_adam"]

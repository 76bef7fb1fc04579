"""A synthetic study to try the program on: raw files, and the truth behind them."""

from cdisc.simulate.study import simulate

__all__ = ["simulate"]

"""A synthetic study to try the program on: raw files, and the truth behind them."""

from cdisc.simulate.streaming import simulate

__all__ = ["simulate"]

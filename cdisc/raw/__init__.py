"""Collected files in: every value as text, every fault reported, nothing guessed."""

from cdisc.raw.csv import read_csv_form
from cdisc.raw.source import RawFormSource
from cdisc.raw.study import read_form, read_raw, read_study

__all__ = ["RawFormSource", "read_csv_form", "read_form", "read_raw", "read_study"]

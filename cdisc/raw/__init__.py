"""Collected files in: every value as text, every fault reported, nothing guessed."""

from cdisc.raw.csv import read_csv_form
from cdisc.raw.profile import FieldProfile, FileProfile, profile_raw
from cdisc.raw.source import RawFormSource
from cdisc.raw.study import read_form, read_raw, read_study, sources_of

__all__ = [
    "FieldProfile",
    "FileProfile",
    "RawFormSource",
    "profile_raw",
    "read_csv_form",
    "read_form",
    "read_raw",
    "read_study",
    "sources_of",
]

"""Hold datasets against each other: attributes, records by their keys, values."""

from cdisc.compare.accepted import Acceptance, Acceptances, read_acceptances
from cdisc.compare.datasets import Rules, compare_datasets
from cdisc.compare.model import (
    AttributeDifference,
    Comparison,
    DatasetComparison,
    Example,
    Records,
    Tolerance,
    ValueDifference,
)
from cdisc.compare.places import compare
from cdisc.compare.rendering import to_json, to_text

__all__ = [
    "Acceptance",
    "Acceptances",
    "AttributeDifference",
    "Comparison",
    "DatasetComparison",
    "Example",
    "Records",
    "Rules",
    "Tolerance",
    "ValueDifference",
    "compare",
    "compare_datasets",
    "read_acceptances",
    "to_json",
    "to_text",
]

"""Conformance rules as data: read, compiled to SQL, run together.

A rule is a condition of the mapping language, with a scope that says on which
datasets it holds. `compile_rules` ties rules to the datasets of a study; what comes
out are predicates, of whatever origin; `run_predicates` takes as many as there are
and reads each dataset once for all that can share the pass.
"""

from cdisc.validate.rules.compile import compile_rules
from cdisc.validate.rules.model import Finding, Grade, Predicate, Rule, Scope
from cdisc.validate.rules.read import load_rules, read_rules
from cdisc.validate.rules.run import run_predicates

__all__ = [
    "Finding",
    "Grade",
    "Predicate",
    "Rule",
    "Scope",
    "compile_rules",
    "load_rules",
    "read_rules",
    "run_predicates",
]

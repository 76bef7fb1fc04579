"""The conformance rules that CDISC publishes as YAML, compiled to SQL.

A rule is read to a typed tree (`rule`), tied to the datasets that it speaks of (`scope`,
`frames`), and becomes one predicate a dataset (`operators`, `operations`); what it finds is
reported as record, variable and value (`run`).

Source: the meaning of operators and operations is that of the documentation of the
``cdisc-rules-engine`` (resources/schema); see docs/open-rules.md for what it leaves open.
"""

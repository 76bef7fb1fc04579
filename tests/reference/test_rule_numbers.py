"""The numbers that rules of ours name are those of published rules about the same variables."""

import re
import tarfile
from pathlib import Path

import pytest
import yaml

from cdisc.validate.rules import load_rules
from cdisc.validate.rules.presence import load_presence

HOME = Path(__file__).parents[3] / "shared" / "open-rules"
NUMBER = re.compile(r"\b(?:CG|FB|SD|TRC)\d+\b")
NAME = re.compile(r"(?:--|\b)[A-Z]{2,}\b")
# What ours ask of one variable, the published rule asks of another of the same kind.
BY_ANOTHER_VARIABLE = {"RR-02", "DM-34", "PK-01", "PK-20"}

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not HOME.exists(), reason="the published rules are not beside the checkout"),
]


@pytest.fixture(scope="module")
def published():
    """The texts of the published rules by the numbers that authorities give them."""
    found = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tarfile.open(HOME / "rules.tar.xz") as archive:
        for member in archive:
            if not member.isfile():
                continue
            text = archive.extractfile(member).read().decode("utf-8")
            for authority in yaml.load(text, Loader=loader)["Authorities"]:  # noqa: S506  safe
                for standard in authority["Standards"]:
                    for reference in standard["References"]:
                        number = (reference.get("Rule Identifier") or {}).get("Id")
                        found.setdefault(number, []).append(text)
    return found


def test_every_number_is_that_of_a_published_rule(published):
    ours = [*load_rules("sdtm"), *load_presence("sdtm")]
    named = {one.code: NUMBER.findall(one.source) for one in ours}

    unknown = {code: set(numbers) - set(published) for code, numbers in named.items()}

    assert {code: numbers for code, numbers in unknown.items() if numbers} == {}
    assert sum(bool(numbers) for numbers in named.values()) == 88


def test_a_published_rule_speaks_of_a_variable_of_ours(published):
    strangers = []
    for rule in load_rules("sdtm"):
        ours = set(NAME.findall(f"{rule.when} {rule.check} {' '.join(rule.scope.each)}"))
        ends = {one.removeprefix("--")[-3:] for one in ours}
        for number in NUMBER.findall(rule.source):
            texts = " ".join(published[number])
            if not any(end in texts for end in ends) and rule.code not in BY_ANOTHER_VARIABLE:
                strangers.append((rule.code, number))
    assert strangers == []

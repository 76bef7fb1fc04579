import collections
import shutil

import pytest

from cdisc.errors import OutputError
from cdisc.resources import mappings_root
from cdisc.rlang import r_script
from cdisc.simulate import simulate
from tests.r_witness import built, submitted, witness

pytestmark = [
    pytest.mark.witness,
    pytest.mark.exhaustive,
    pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed"),
]
# What nobody submits, data sets and their first records among it: nobody has its file.
INTERMEDIATE = (
    "ADGVHD ADHTOX ADLB ADMRD ANSWERS COURSE DEATHS FACTS NEWTRT SAMPLED SV.DATE SV.SLOT"
    " EC.SURFACE EC.WEIGHT"
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, subjects=4, seed=7441291)
    return built(mappings_root() / "SYN07441291", folder / "raw")


def refusal(program, name, variable):
    """Why a variable has no rendering, or None if it has one."""
    try:
        r_script(program, name, variable)
    except OutputError as error:
        return error.diagnostics[0].fact.split(" has no rendering in R: ")[1]
    return None


@pytest.fixture(scope="module")
def refusals(study):
    return {one: refusal(study.program, *one) for one in submitted(study)}


@pytest.fixture(scope="module")
def verdicts(study, refusals, tmp_path_factory):
    wanted = [one for one, why in refusals.items() if why is None]
    return witness(study, wanted, tmp_path_factory.mktemp("r"))


def test_r_has_every_value_that_we_have(verdicts):
    differing = {name: one for name, one in verdicts.items() if one.agree != one.total}

    assert differing == {}


def test_most_variables_are_rendered_and_the_others_say_why(refusals, verdicts):
    reasons = collections.Counter(why for why in refusals.values() if why)
    named = {f"{name}, which is not submitted" for name in INTERMEDIATE.split()}
    others = {why: number for why, number in reasons.items() if why not in named}

    assert len(verdicts) > 700
    assert sum(one.total for one in verdicts.values()) > 100_000
    assert set(others) == {
        "records that belong to no subject",
        "records that are taken by what others say",
        "records made from relate",
        "call time",
        "step split",
    }

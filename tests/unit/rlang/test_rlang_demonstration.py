import shutil

import pytest

from cdisc.errors import OutputError
from cdisc.resources import mappings_root
from cdisc.rlang import r_script
from cdisc.simulate import simulate
from tests.r_witness import built, witness

pytestmark = [
    pytest.mark.witness,
    pytest.mark.exhaustive,  # all variables of 52 datasets, each by a run of R
    pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed"),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, subjects=12, seed=1)
    return built(mappings_root() / "SYN07441291", folder / "raw")


def rendered(program, name, variable):
    try:
        return r_script(program, name, variable)
    except OutputError:
        return None


@pytest.fixture(scope="module")
def verdicts(study, tmp_path_factory):
    wanted = [
        (name, variable.removeprefix("supp:"))
        for name, plan in study.program.datasets.items()
        for variable in plan.variables
        if not name.startswith("SUPP") and rendered(study.program, name, variable)
    ]
    return witness(study, wanted, tmp_path_factory.mktemp("r"))


def test_r_has_every_value_that_we_have(verdicts):
    differing = {name: one for name, one in verdicts.items() if one.agree != one.total}

    assert differing == {}


def test_every_variable_has_code_and_values(verdicts, study):
    every = {
        (name, variable.removeprefix("supp:"))
        for name, plan in study.program.datasets.items()
        for variable in plan.variables
        if not name.startswith("SUPP")
    }

    assert every - set(verdicts) == set()
    assert sum(one.total for one in verdicts.values()) > 20_000

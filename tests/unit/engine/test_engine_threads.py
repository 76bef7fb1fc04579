import random

from cdisc.engine.run import run
from cdisc.spec import load_study
from tests.study_builder import read_delivery, resolve_with, write_study

DM = """
dataset: DM
rows: each dm
keys: [USUBJID]
variables:
  AGE: mean (ae.X | num) | round 12
  DMDY: sum (ae.X | num)
"""


def test_sums_and_means_are_the_same_to_the_last_bit_on_any_number_of_threads(tmp_path):
    """Adding in another order gives another last digit: the records are added in their order."""
    numbers = random.Random(7)  # noqa: S311  no secret
    values = "\n".join(f"001,{numbers.uniform(-1e6, 1e6)!r}" for _ in range(300_000))
    raw = {"dm": "SUBJ\n001\n", "ae": f"SUBJ,X\n{values}\n"}
    loaded = load_study(write_study(tmp_path, {"sdtm/dm": DM}, raw))
    collected = read_delivery(loaded, tmp_path / "raw")
    program = resolve_with(loaded, collected)
    found = {
        tuple(run(program, collected, threads=threads).tables["DM"].to_pylist()[0].items())
        for threads in (1, 2, 3, 4, 4, 4)
    }
    assert len(found) == 1

import collections
import json

import numpy as np
import pytest

from cdisc.errors import OutputError
from cdisc.simulate import simulate, study
from cdisc.simulate.files import Writer
from cdisc.simulate.model import NEVER, load
from cdisc.simulate.study import lives

BLOCK, SUBJECTS = 24, 100


def in_small_blocks(name):
    content = load(name)
    if name == "model":
        content["subjects_per_block"] = BLOCK
    return content


@pytest.fixture(scope="module")
def blocks(tmp_path_factory, folder):
    path = tmp_path_factory.mktemp("blocks")
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "load", in_small_blocks)
        simulate(path, subjects=SUBJECTS, seed=5, tell=told.append)
    assert told == [
        "simulation: subject 1 to 24 of 100",
        "simulation: subject 25 to 48 of 100",
        "simulation: subject 49 to 72 of 100",
        "simulation: subject 73 to 96 of 100",
        "simulation: subject 97 to 100 of 100",
    ]
    return folder(path)


def test_subjects_and_randomization_numbers_are_unique_over_the_blocks(blocks):
    labels = [row["SUBJ"] for row in blocks.rows("DEMO")]
    assert len(labels) == len(set(labels)) == SUBJECTS + 9
    numbers = [row["RANDNO"] for row in blocks.rows("truth_subject")]
    assert numbers == [f"R{rank:05d}" for rank in range(1, SUBJECTS + 1)]
    issued = [row["RANDNO"] for row in blocks.rows("RAND")]
    assert len(issued) == len(set(issued)) == SUBJECTS + 1


def test_numbers_of_a_site_go_on_from_block_to_block(blocks):
    by_site = collections.defaultdict(list)
    for row in blocks.rows("DEMO"):
        by_site[row["SITE"]].append(int(row["SUBJ"][3:]))
    for numbers in by_site.values():
        assert numbers == list(range(1001, 1001 + len(numbers)))


def test_accrual_goes_on_from_block_to_block(blocks):
    dates = [row["RANDDT"] for row in blocks.rows("truth_subject")]
    starts = dates[::BLOCK]
    assert starts == sorted(starts)
    assert max(dates[:BLOCK]) < min(dates[3 * BLOCK :])


def test_arms_are_balanced_in_every_block(blocks):
    arms = [row["ARMCD"] for row in blocks.rows("truth_subject")]
    for start in range(0, SUBJECTS, 4):
        assert sorted(arms[start : start + 4]) == ["CART", "CART", "CHEMODLI", "CHEMODLI"]


def test_scripts_and_counted_defects_come_once(blocks):
    scripts = [row["SCRIPT"] for row in blocks.rows("truth_subject") if row["SCRIPT"]]
    assert len(scripts) == len(set(scripts)) > 10
    assert scripts == [row["SCRIPT"] for row in blocks.rows("truth_subject")[:BLOCK]
                       if row["SCRIPT"]]  # fmt: skip
    kinds = [row["DEFECT"] for row in blocks.rows("truth_dirt")]
    assert kinds.count("Q25") == 4


def test_forms_without_subjects_are_written_once(blocks):
    seen = [(row["HOSP"], row["ITEM_CODE"], row["SEX"], row["AGELO"], row["AGEHI"], row["VALIDFR"])
            for row in blocks.rows("LABREF")]  # fmt: skip
    assert len(seen) == len(set(seen))
    verbatims = [row["VERBATIM"] for row in blocks.rows("AE_CODED")]
    assert len(verbatims) == len(set(verbatims))


def test_the_log_names_rows_of_the_whole_file(blocks):
    tables = {blocks.file(name)[0]: blocks.rows(name) for name in blocks.forms["forms"]}
    lines = blocks.rows("truth_dirt")
    assert max(int(line["ROW"]) for line in lines if line["FILE"].endswith("AE.csv")) > 500
    for line in lines:
        row = tables[line["FILE"]][int(line["ROW"]) - 1]
        if line["FIELD"]:
            assert row[line["FIELD"]] == line["DIRTY"], line


def test_the_summary_counts_the_subjects_of_all_blocks(blocks):
    text = (blocks.path / "truth" / "truth_summary.json").read_text(encoding="utf-8")
    arms = json.loads(text)["arms"]
    assert {name: one["n"] for name, one in arms.items()} == {"CART": 50, "CHEMODLI": 50}
    for one in arms.values():
        assert one["endpoints"]["OS"]["n"] == 50


def test_blocks_draw_independently_and_go_on_with_the_ranks():
    one, many = next(lives(1000, 9)), lives(3000, 9)
    first, second, third = many
    assert [block.block.first for block in (first, second, third)] == [0, 1000, 2000]
    assert len(one.people.arm) == len(first.people.arm) == 1086
    assert (one.draws["donor_dose"] == first.draws["donor_dose"]).all()
    assert (second.draws["dose"] != third.draws["dose"][: len(second.draws["dose"])]).mean() > 0.99
    assert (second.people.rank[second.people.in_study].min(), third.people.rank.max()) == (
        1000,
        2999,
    )
    assert not set(second.people.consent) & set(third.people.consent)
    assert second.script == {}
    assert (second.draws["scripted"] == 0).all()
    assert NEVER not in set(second.people.randomization_day[second.people.in_study])


def test_a_negative_seed_and_a_wrong_number_are_refused_together(tmp_path):
    with pytest.raises(OutputError) as refused:
        simulate(tmp_path, subjects=0, seed=-1)
    assert [one.code for one in refused.value.diagnostics] == ["SIM001", "SIM003"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**63, 12345678901234567890123])
def test_any_seed_gives_a_study(tmp_path, folder, seed):
    simulate(tmp_path, subjects=2, seed=seed)
    assert len(folder(tmp_path).rows("truth_subject")) == 2


def test_texts_are_quoted_only_where_they_must_be(tmp_path):

    writer = Writer(tmp_path / "x.csv", {"encoding": "utf-8-sig", "newline": "\r\n"})
    texts = np.array(["a", "b,c", 'd"e', "f\ng", "", "h;i"], dtype=object)
    writer.write({"A": texts, "B,": texts})
    writer.write({"A": texts[:1], "B,": texts[:1]})
    assert (tmp_path / "x.csv").read_bytes().decode("utf-8-sig") == (
        'A,"B,"\r\na,a\r\n"b,c","b,c"\r\n"d""e","d""e"\r\n"f\ng","f\ng"\r\n,\r\nh;i,h;i\r\na,a\r\n'
    )

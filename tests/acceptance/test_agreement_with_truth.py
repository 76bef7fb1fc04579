from pathlib import Path

import pytest

from tests.acceptance.agreement import is_hidden, lost_counts
from tests.acceptance.conftest import RUNS

PAGE = Path(__file__).parents[2] / "docs" / "demonstration.md"
START, END = "<!-- agreement -->\n", "<!-- end -->"
HEAD = "| Dataset | Parameter | Values | Equal | Hidden by a logged defect | Different |"


@pytest.fixture(scope="session")
def judged(built):
    """Dataset, parameter, values, those equal, those hidden by a defect, those that differ."""
    lost, rows = lost_counts(built.truth), []
    for one in built.comparisons:
        hidden = [key for key in one.different if is_hidden(one, key, lost)]
        wrong = [key for key in one.different if key not in hidden]
        number = len({*one.truth, *one.found})
        equal = number - len(one.different)
        rows.append((one.dataset, one.parameter, number, equal, len(hidden), wrong))
    return rows


def written(judged):
    """Return the table as a page has it."""
    lines = [HEAD, "|---|---|--:|--:|--:|--:|"]
    lines += [f"| {' | '.join(map(str, row[:5]))} | {len(row[5])} |" for row in judged]
    return "\n".join(lines) + "\n"


def test_every_value_is_the_truth_or_hidden_by_a_defect_that_is_logged(built, judged):
    print(f"\n{written(judged)}")  # noqa: T201  shown where the test fails, and by pytest -s
    truth = {(one.dataset, one.parameter): one for one in built.comparisons}
    wrong = [
        (*row[:2], key, truth[row[:2]].truth.get(key), truth[row[:2]].found.get(key))
        for row in judged
        for key in row[5]
    ]
    assert wrong == []


def test_defects_hide_few_values(judged):
    values, hidden = (sum(row[place] for row in judged) for place in (2, 4))
    durations = sum(row[2] for row in judged if row[1].startswith("HTD"))

    assert values > 0
    assert hidden <= durations / 10


def test_every_endpoint_of_the_study_is_compared(judged):
    names = (
        "OS DFS GRFS GRFSM GRFSC TTRLPS TTRHEM TTREMD TTNRM TTMRDN TTMRDP TAGV24 TAGV34 TCGVMS"
        " TCGVSV HTD34 HTDNEU HTDPLT HTDHGB OSX DFSX GRFSX TTRLPX DFSN"
    )
    assert {row[1] for row in judged if row[0] == "ADTTE"} == {*names.split()}


@pytest.mark.parametrize("built", RUNS[:1], indirect=True)
def test_the_page_shows_the_agreement(judged, golden):
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    golden(PAGE, f"{before}{START}\n{written(judged)}\n{END}{after}")

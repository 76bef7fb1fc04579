import pytest

from .conftest import DM, RAW

COLLECTED = ("diverse", "2026-01-06", "2025-03-01", "half of it", "2026-02-30")


def said_of(home, *arguments):
    outcome = home.run(*arguments, "--no-values")
    return [value for value in COLLECTED if value in outcome.out + outcome.err], outcome


# What is written where, and the exit code.
LOUD = {
    "warnings": ("raw/dm.csv", RAW.replace(",M,", ",diverse,"), 0),
    "findings of the result": ("raw/dm.csv", RAW.replace("2026-03-01", "2025-03-01"), 0),
    "a value that cannot be read": ("raw/dm.csv", RAW.replace("2026-01-06", "2026-02-30"), 3),
    "a value that must be a term": (
        "S1/sdtm/dm.yaml",
        DM.replace("dm.SEX | ct", "dm.REMARK | ct SEX else error"),
        3,
    ),
    "a value that does not fit": (
        "S1/sdtm/dm.yaml",
        DM.replace("dm.REMARK", "{map: dm.REMARK, length: 4}"),
        6,
    ),
    "a value that was quoted wrongly": ("raw/dm.csv", RAW.replace("half of it", '"half" of it'), 3),
}


@pytest.mark.parametrize(
    ("case", "written"), [*((case, "text") for case in LOUD), ("warnings", "json")]
)
def test_no_collected_value_is_said_if_none_is_wanted(home, case, written):
    place, text, code = LOUD[case]
    home.write(place, text)
    build = ("build", "S1", "--raw", "raw", "--out", "pkg", "--format", written)

    values, outcome = said_of(home, *build)

    assert (outcome.code, values) == (code, [])
    assert outcome.err != ""


def test_values_are_said_unless_it_is_forbidden(home):
    home.write(*LOUD["warnings"][:2])

    assert "diverse" in home.build().err


def test_validation_keeps_values_back_as_well(home):
    home.write(*LOUD["findings of the result"][:2])
    home.build()

    values, outcome = said_of(home, "validate", "pkg", "--html", "page.html", "--fail-on", "never")

    page = (home.path / "page.html").read_text("utf-8")
    assert (outcome.code, values) == (0, [])
    assert "SDTM019" in outcome.out
    assert [value for value in COLLECTED if value in page] == []

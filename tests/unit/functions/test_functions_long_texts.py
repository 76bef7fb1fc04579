import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.engine.database import Database
from cdisc.errors import RawDataError, SpecError
from cdisc.functions.long_texts import SPLIT
from tests.study_builder import build, write_study

AE = """dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM | split into 3
"""
LONG = " ".join(f"word{number:02}" for number in range(60))  # 60 * 6 + 59 = 419 bytes


def built(folder, texts, dataset=AE):
    csv = "SUBJ,TERM\n" + "".join(f'001,"{text}"\n' for text in texts)
    return build(write_study(folder, {"sdtm/ae": dataset}, {"ae": csv}))


def test_a_long_text_goes_on_in_qualifiers_that_share_its_label(tmp_path):
    result = built(tmp_path, [LONG, "Short text"])

    supp = result.tables["SUPPAE"].select(["IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG"])
    first, second, third = LONG[:195], LONG[196:391], LONG[392:]
    assert [len(first), len(second), len(third)] == [195, 195, 27]
    assert result.tables["AE"].column("AETERM").to_pylist() == ["Short text", first]
    assert [tuple(row.values()) for row in supp.to_pylist()] == [
        ("AESEQ", "2", "AETERM1", "Reported Term for the Adverse Event", second, "Collected"),
        ("AESEQ", "2", "AETERM2", "Reported Term for the Adverse Event", third, "Collected"),
    ]


def test_bytes_count_and_no_character_is_cut(tmp_path):
    text = "é" * 150  # 300 bytes, one word

    result = built(tmp_path, [text])

    assert result.tables["AE"].column("AETERM").to_pylist() == ["é" * 100]
    assert result.tables["SUPPAE"].column("QVAL").to_pylist() == ["é" * 50]


def test_a_text_of_200_bytes_is_not_cut(tmp_path):
    text = "x" * 150 + " " + "y" * 49

    result = built(tmp_path, [text])

    assert result.tables["AE"].column("AETERM").to_pylist() == [text]
    assert result.tables["SUPPAE"].num_rows == 0


def test_a_text_that_is_longer_than_the_parts_is_an_error(tmp_path):
    with pytest.raises(RawDataError) as error:
        built(tmp_path, [f"{LONG} {LONG}", "Short text"])

    assert [(one.code, one.records) for one in error.value.diagnostics] == [("DATA031", 1)]


def test_a_comment_goes_on_in_variables_behind_it(tmp_path):
    co = (
        "dataset: CO\nrows: each ae\nkeys: [USUBJID, COVAL]\nvariables:\n"
        "  RDOMAIN: const AE\n  COVAL: ae.TERM | split into 3\n  COEVAL: const INVESTIGATOR\n"
    )
    csv = f'SUBJ,TERM\n001,"{LONG}"\n'

    table = build(write_study(tmp_path, {"sdtm/co": co}, {"ae": csv})).tables["CO"]

    names = ["STUDYID", "DOMAIN", "RDOMAIN", "USUBJID", "COSEQ"]
    assert table.column_names == [*names, "COVAL", "COVAL1", "COVAL2", "COEVAL"]
    assert [table.column(one)[0].as_py() for one in ("COVAL", "COVAL1", "COVAL2")] == [
        LONG[:195], LONG[196:391], LONG[392:]
    ]  # fmt: skip


def test_a_long_text_of_one_source_goes_on_behind_it(tmp_path):
    co = (
        "dataset: CO\nrows:\n  - {each: ae, set: {COVAL: ae.TERM | split into 3}}\n"
        "  - {each: dm, set: {COVAL: dm.NOTE}}\nkeys: [USUBJID, COVAL]\nvariables:\n"
        "  COEVAL: const INVESTIGATOR\n"
    )
    raw = {"ae": f'SUBJ,TERM\n001,"{LONG}"\n', "dm": "SUBJ,NOTE\n001,x\n"}

    table = build(write_study(tmp_path, {"sdtm/co": co}, raw)).tables["CO"]

    assert table.select(["COVAL", "COVAL1", "COVAL2"]).to_pylist() == [
        {"COVAL": LONG[:195], "COVAL1": LONG[196:391], "COVAL2": LONG[392:]},
        {"COVAL": "x", "COVAL1": None, "COVAL2": None},
    ]


def test_a_long_text_of_one_source_goes_on_in_qualifiers(tmp_path):
    ae = (
        "dataset: AE\nrows:\n  - {each: ae, set: {AETERM: ae.TERM | split into 3}}\n"
        "keys: [USUBJID]\nvariables:\n  AEDECOD: const X\n"
    )

    supp = built(tmp_path, [LONG[:300]], ae).tables["SUPPAE"]

    assert supp.select(["QNAM", "QLABEL", "QVAL"]).to_pylist() == [
        {"QNAM": "AETERM1", "QLABEL": "Reported Term for the Adverse Event", "QVAL": LONG[196:300]}
    ]


def test_names_of_eight_characters_make_room_for_the_number(tmp_path):
    ae = (
        "dataset: AE\nrows: each ae\nkeys: [USUBJID]\nvariables:\n"
        "  AECONTRT: {map: ae.TERM | split into 2, type: text}\n"
    )

    supp = built(tmp_path, [LONG[:300]], ae).tables["SUPPAE"]

    assert supp.column("QNAM").to_pylist() == ["AECONTR1"]


@pytest.mark.parametrize("step", ["split into 1", "split into 3 part 4", "split into 3 part 0"])
def test_parts_that_are_not_there_are_mistakes(tmp_path, step):
    with pytest.raises(SpecError) as error:
        built(tmp_path, ["x"], AE.replace("split into 3", step))

    assert [one.code for one in error.value.diagnostics] == ["SPEC012"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.text("ab cé中😀\n", min_size=1, max_size=260), min_size=1), min_size=9))
def test_parts_hold_the_whole_text(texts):
    given_ = [" ".join(words) for words in texts]
    with Database(threads=1) as database:
        database.macros(
            one if one.startswith("CREATE") else f"CREATE{one}"
            for one in SPLIT.prelude.split(";CREATE")
        )
        listed = ", ".join("'" + text.replace("'", "''") + "'" for text in given_)
        rows = database.rows(f"SELECT list_transform([{listed}], lambda x: text_parts(x))")
    for text, parts in zip(given_, rows[0][0], strict=True):
        assert all(len(part.encode()) <= 200 for part in parts)
        assert rejoined(text, parts) == text
        if all(len(word.encode()) <= 200 for word in text.split(" ")):
            assert " ".join(parts).rstrip(" ") == text.rstrip(" ")


def rejoined(text, parts):
    """Return the parts in a row, with a blank between two only where the text has one."""
    done = ""
    for part in parts:
        done += " " if done and not text.startswith(done + part) else ""
        done += part
    return done + " " if done + " " == text else done

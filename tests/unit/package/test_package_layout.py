from pathlib import Path

import pytest

from cdisc.errors import OutputError
from cdisc.package import Layout

LAYOUT = Layout(Path("out"), "ABC-123")
SDTM = "out/m5/datasets/abc-123/tabulations/sdtm"
ADAM = "out/m5/datasets/abc-123/analysis/adam/datasets"


def test_every_file_has_the_place_that_agencies_expect():
    places = [
        LAYOUT.transport("sdtm", "SUPPAE"),
        LAYOUT.transport("adam", "ADSL"),
        LAYOUT.define("sdtm"),
        LAYOUT.define_html("adam"),
        LAYOUT.stylesheet("sdtm"),
        LAYOUT.annotated_crf(),
        LAYOUT.guide("sdtm", "docx"),
        LAYOUT.guide("adam", "html"),
        LAYOUT.dataset_json("AE"),
        LAYOUT.parquet("ADSL"),
        LAYOUT.index,
    ]

    assert [place.as_posix() for place in places] == [
        f"{SDTM}/suppae.xpt",
        f"{ADAM}/adsl.xpt",
        f"{SDTM}/define.xml",
        f"{ADAM}/define.html",
        f"{SDTM}/define2-1.xsl",
        f"{SDTM}/acrf.pdf",
        f"{SDTM}/csdrg.docx",
        f"{ADAM}/adrg.html",
        "out/dataset-json/ae.json",
        "out/parquet/adsl.parquet",
        "out/reports/index.html",
    ]


@pytest.mark.parametrize("study", ["", "A/B", "..", "A B", "-A", "É", "A" * 65])
def test_a_study_that_can_name_no_folder_is_refused(study):
    with pytest.raises(OutputError) as caught:
        Layout(Path("out"), study)

    assert [one.code for one in caught.value.diagnostics] == ["OUT006"]


@pytest.mark.parametrize("dataset", ["../AE", "ae", "", "SUPPLONGER"])
def test_a_file_is_named_after_a_dataset_only(dataset):
    with pytest.raises(ValueError, match="no dataset name"):
        LAYOUT.transport("sdtm", dataset)

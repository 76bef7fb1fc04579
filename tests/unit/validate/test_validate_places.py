from cdisc.diagnostics import Diagnostic, Span
from cdisc.validate import locate

DATASET = Span("sdtm/ae.yaml", 1, 1, 12)
LINE = Span("sdtm/ae.yaml", 7, 3, 9)
PLACES = {("AE", None): DATASET, ("AE", "AESEV"): LINE}


def test_a_finding_gets_the_line_of_its_variable_else_of_its_dataset():
    findings = [
        Diagnostic("CT001", "f", dataset="AE", variable="AESEV"),
        Diagnostic("CT001", "f", dataset="AE", variable="AESEQ"),
        Diagnostic("SDTM022", "f", dataset="AE"),
        Diagnostic("SDTM022", "f", dataset="CM"),
        Diagnostic("SDTM022", "f"),
    ]
    assert [one.span for one in locate(findings, PLACES)] == [LINE, DATASET, DATASET, None, None]


def test_a_finding_that_has_a_place_keeps_it():
    place = Span("sdtm/other.yaml", 2, 1, 2)
    finding = Diagnostic("CT001", "f", place, dataset="AE", variable="AESEV")
    assert locate([finding], PLACES) == (finding,)

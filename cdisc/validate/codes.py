"""Which code a check gives, for tabulation and for analysis data.

The structural checks are the same for both kinds of study; only the code, and
with it the severity and the advice in the catalogue, differs.
"""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Codes:
    """The codes of the checks that both kinds of study share."""

    required_absent: str
    required_missing: str
    label_differs: str
    label_too_long: str
    wrong_type: str
    value_too_long: str
    length_over_limit: str
    length_too_generous: str
    bad_name: str
    bad_dataset_name: str
    pair_broken: str
    key_absent: str
    key_not_unique: str
    sequence_not_counting: str
    sequence_not_unique: str
    subject_unknown: str
    subjects_absent: str
    subject_repeated: str
    start_after_end: str
    bad_short_code: str
    value_over_limit: str
    no_records: str


SDTM = Codes(
    required_absent="SDTM001",
    required_missing="SDTM002",
    label_differs="SDTM004",
    label_too_long="SDTM005",
    wrong_type="SDTM006",
    value_too_long="SDTM007",
    length_over_limit="SDTM008",
    length_too_generous="SDTM009",
    bad_name="SDTM010",
    bad_dataset_name="SDTM011",
    pair_broken="SDTM012",
    key_absent="SDTM013",
    key_not_unique="SDTM014",
    sequence_not_counting="SDTM015",
    sequence_not_unique="SDTM016",
    subject_unknown="SDTM017",
    subjects_absent="SDTM018",
    subject_repeated="SDTM029",
    start_after_end="SDTM019",
    bad_short_code="SDTM020",
    value_over_limit="SDTM021",
    no_records="SDTM022",
)

ADAM = Codes(
    required_absent="ADAM001",
    required_missing="ADAM002",
    label_differs="ADAM004",
    label_too_long="ADAM005",
    wrong_type="ADAM006",
    value_too_long="ADAM007",
    length_over_limit="ADAM008",
    length_too_generous="ADAM009",
    bad_name="ADAM010",
    bad_dataset_name="ADAM011",
    pair_broken="ADAM012",
    key_absent="ADAM013",
    key_not_unique="ADAM014",
    sequence_not_counting="ADAM015",
    sequence_not_unique="ADAM016",
    subject_unknown="ADAM017",
    subjects_absent="ADAM018",
    subject_repeated="ADAM029",
    start_after_end="ADAM019",
    bad_short_code="ADAM020",
    value_over_limit="ADAM021",
    no_records="ADAM022",
)

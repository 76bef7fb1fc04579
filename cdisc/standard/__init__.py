"""What the standards say: typed readers of ``specs/``.

`load_sdtm`, `load_adam` and `load_terminology` return frozen objects that read
their files when they are asked, and only those.
"""

from cdisc.standard.adam import AdamStandard, load_adam
from cdisc.standard.dictionaries import MedicalDictionary, load_dictionary
from cdisc.standard.model import (
    CodelistStandard,
    DatasetStandard,
    TermStandard,
    VariableStandard,
)
from cdisc.standard.releases import (
    carried_adam,
    carried_sdtm,
    carried_terminology,
    imported_terminology,
)
from cdisc.standard.sdtm import SdtmStandard, load_sdtm
from cdisc.standard.terminology import TABLES, Terminology, load_terminology

__all__ = [
    "TABLES",
    "AdamStandard",
    "CodelistStandard",
    "DatasetStandard",
    "MedicalDictionary",
    "SdtmStandard",
    "TermStandard",
    "Terminology",
    "VariableStandard",
    "carried_adam",
    "carried_sdtm",
    "carried_terminology",
    "imported_terminology",
    "load_adam",
    "load_dictionary",
    "load_sdtm",
    "load_terminology",
]

"""What the standards say: typed readers of ``specs/``.

`load_sdtm`, `load_adam` and `load_terminology` return frozen objects that read
their files when they are asked, and only those.
"""

from cdisc.standard.adam import AdamStandard, load_adam
from cdisc.standard.model import (
    CodelistStandard,
    DatasetStandard,
    TermStandard,
    VariableStandard,
)
from cdisc.standard.publication import add_release
from cdisc.standard.releases import carried_adam, carried_sdtm, carried_terminology
from cdisc.standard.sdtm import SdtmStandard, load_sdtm
from cdisc.standard.terminology import Terminology, load_terminology

__all__ = [
    "AdamStandard",
    "CodelistStandard",
    "DatasetStandard",
    "SdtmStandard",
    "TermStandard",
    "Terminology",
    "VariableStandard",
    "add_release",
    "carried_adam",
    "carried_sdtm",
    "carried_terminology",
    "load_adam",
    "load_sdtm",
    "load_terminology",
]

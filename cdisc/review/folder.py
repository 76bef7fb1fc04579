"""What lies together in one folder of a package."""

import dataclasses
from pathlib import Path

from cdisc.dataset import Dataset
from define_xml import Define

DEFINE = "define.xml"


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """The transport files of a folder, and the define.xml beside them if it can be read.

    Attributes:
        path: The folder.
        datasets: Its datasets.
        define: Its define, or None.
        case: Whether it is the test case of a published rule, in CSV files.
    """

    path: Path
    datasets: tuple[Dataset, ...]
    define: Define | None
    case: bool = False

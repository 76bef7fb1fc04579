"""Where each file of a package lies.

The folders below ``m5`` are those that agencies expect, in lower case; what stands
beside them (``reports``, ``dataset-json``, ``parquet``, the manifest) is for the
people who made the package and is not submitted.
"""

import dataclasses
import re
from pathlib import Path
from typing import Literal

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError

Stage = Literal["sdtm", "adam"]

_FOLDERS: dict[Stage, tuple[str, ...]] = {
    "sdtm": ("tabulations", "sdtm"),
    "adam": ("analysis", "adam", "datasets"),
}
_GUIDES: dict[Stage, str] = {"sdtm": "csdrg", "adam": "adrg"}
_FOLDER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DATASET_NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """The places of a package; nothing is made on disk.

    Attributes:
        root: The folder of the package.
        study_id: STUDYID; its lower case names the study's folder.

    Raises:
        OutputError: No folder can be named after `study_id` (OUT006).

    Source:
        FDA Study Data Technical Conformance Guide, section 7, Electronic Submission
        Format; eCTD: names of at most 64 lower-case letters, digits and hyphens.

    Example:
        >>> layout = Layout(Path("out"), "CDISCPILOT01")
        >>> layout.transport("sdtm", "AE").as_posix()
        'out/m5/datasets/cdiscpilot01/tabulations/sdtm/ae.xpt'
        >>> layout.define("adam").as_posix()
        'out/m5/datasets/cdiscpilot01/analysis/adam/datasets/define.xml'
    """

    root: Path
    study_id: str

    def __post_init__(self) -> None:
        if not _FOLDER_NAME.fullmatch(self.study_id.lower()):
            raise OutputError(
                [
                    Diagnostic(
                        "OUT006",
                        f'no folder can be named after study "{self.study_id}"',
                        expected="at most 64 letters, digits and hyphens, the first no hyphen",
                    )
                ]
            )

    def datasets(self, stage: Stage) -> Path:
        """Return the folder of the transport files and define.xml of a stage."""
        return self.root.joinpath("m5", "datasets", self.study_id.lower(), *_FOLDERS[stage])

    def transport(self, stage: Stage, dataset: str) -> Path:
        """Return the place of the transport file of a dataset."""
        return self.datasets(stage) / f"{_file_name(dataset)}.xpt"

    def part(self, stage: Stage, part: str) -> Path:
        """Return the place of a part of a dataset that is too large, beside the whole one."""
        return self.datasets(stage) / "split" / f"{_file_name(part)}.xpt"

    def define(self, stage: Stage) -> Path:
        """Return the place of define.xml."""
        return self.datasets(stage) / "define.xml"

    def define_html(self, stage: Stage) -> Path:
        """Return the place of the page that shows define.xml."""
        return self.datasets(stage) / "define.html"

    def stylesheet(self, stage: Stage) -> Path:
        """Return the place of the stylesheet that define.xml names."""
        return self.datasets(stage) / "define2-1.xsl"

    def annotated_crf(self) -> Path:
        """Return the place of the annotated CRF."""
        return self.datasets("sdtm") / "acrf.pdf"

    def guide(self, stage: Stage, kind: Literal["docx", "html"]) -> Path:
        """Return the place of the reviewer's guide of a stage."""
        return self.datasets(stage) / f"{_GUIDES[stage]}.{kind}"

    def programs(self) -> Path:
        """Return the folder of the programs of the analysis data."""
        return self.datasets("adam").parent / "programs"

    def misc(self) -> Path:
        """Return the folder of what is neither tabulation nor analysis, such as lookup tables."""
        return self.root.joinpath("m5", "datasets", self.study_id.lower(), "misc")

    def dataset_json(self, dataset: str) -> Path:
        """Return the place of the Dataset-JSON file of a dataset of either stage."""
        return self.root / "dataset-json" / f"{_file_name(dataset)}.json"

    def parquet(self, dataset: str) -> Path:
        """Return the place of the Parquet file of a dataset of either stage."""
        return self.root / "parquet" / f"{_file_name(dataset)}.parquet"

    @property
    def reports(self) -> Path:
        """The folder of the pages for people."""
        return self.root / "reports"

    @property
    def index(self) -> Path:
        """The page to open first."""
        return self.reports / "index.html"


def _file_name(dataset: str) -> str:
    if not _DATASET_NAME.fullmatch(dataset):
        raise ValueError(f"no dataset name: {dataset!r}")
    return dataset.lower()

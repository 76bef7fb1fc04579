"""What may be written in ``mappings/``: closed, frozen models, and their loader."""

from cdisc.spec.dataset import DatasetFile
from cdisc.spec.load import LoadedDataset, LoadedStudy, load_study
from cdisc.spec.study import StudyFile

__all__ = ["DatasetFile", "LoadedDataset", "LoadedStudy", "StudyFile", "load_study"]

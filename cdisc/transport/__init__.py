"""Files of datasets, written and read without loss or loudly not at all.

SAS transport files (XPT versions 5 and 8), Dataset-JSON 1.1 and Parquet; CSV is only written.
"""

from cdisc.transport.csv_write import write_csv
from cdisc.transport.files import (
    READABLE,
    WRITABLE,
    Form,
    convert_file,
    files_of,
    read_file,
    write_file,
)
from cdisc.transport.folders import convert_folder
from cdisc.transport.json_about import About
from cdisc.transport.json_read import JsonFile, read_dataset_json
from cdisc.transport.json_write import write_dataset_json
from cdisc.transport.one_length import with_one_length
from cdisc.transport.parquet_file import read_parquet, write_parquet
from cdisc.transport.split import split_dataset
from cdisc.transport.xpt_check import check_xpt
from cdisc.transport.xpt_read import read_xpt, read_xpt_members
from cdisc.transport.xpt_scan import XptScan, scan_xpt
from cdisc.transport.xpt_write import XptStream, stream_xpt, write_xpt

__all__ = [
    "READABLE",
    "WRITABLE",
    "About",
    "Form",
    "JsonFile",
    "XptScan",
    "XptStream",
    "check_xpt",
    "convert_file",
    "convert_folder",
    "files_of",
    "read_dataset_json",
    "read_file",
    "read_parquet",
    "read_xpt",
    "read_xpt_members",
    "scan_xpt",
    "split_dataset",
    "stream_xpt",
    "with_one_length",
    "write_csv",
    "write_dataset_json",
    "write_file",
    "write_parquet",
    "write_xpt",
]

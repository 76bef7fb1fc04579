"""Specification workbooks: written from a mapping, and read into one.

study --workbook_bytes--> spec.xlsx --read_workbook--> the same files
a workbook of others      spec.xlsx --read_workbook--> mapping files to fill in
"""

from cdisc.workbook.layout import LAYOUTS, LayoutName
from cdisc.workbook.read import Reading, read_workbook
from cdisc.workbook.write import workbook_bytes

__all__ = ["LAYOUTS", "LayoutName", "Reading", "read_workbook", "workbook_bytes"]

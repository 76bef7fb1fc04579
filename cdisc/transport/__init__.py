"""Transport files: SAS XPT version 5, written and read without loss or loudly not at all."""

from cdisc.transport.xpt_check import check_xpt
from cdisc.transport.xpt_read import read_xpt, read_xpt_members
from cdisc.transport.xpt_write import write_xpt

__all__ = ["check_xpt", "read_xpt", "read_xpt_members", "write_xpt"]

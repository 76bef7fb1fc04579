"""Define-XML 2.1: build it from a study, write it, read it, check it, show it.

study --build_define--> Define --write_define--> define.xml --read_define--> Define
                          |                          |
                   render_define_html            check_define
"""

from define_xml.build import build_define
from define_xml.check import check_define
from define_xml.html import render_define_html
from define_xml.model import Define
from define_xml.read import read_define, set_aside
from define_xml.schema import validate_schema
from define_xml.write import define_bytes, write_define

__all__ = [
    "Define",
    "build_define",
    "check_define",
    "define_bytes",
    "read_define",
    "render_define_html",
    "set_aside",
    "validate_schema",
    "write_define",
]

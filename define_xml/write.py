"""Write a `Define` as a define.xml: the same value, the same bytes.

The elements are those of `define_xml.binding`; this module knows none by name but
the root. Text that XML cannot hold is refused, with every place named.
"""

from pathlib import Path

from lxml import etree

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from define_xml.binding import NAMESPACES
from define_xml.model import Define
from define_xml.template import render
from define_xml.versions import is_old, lowered, not_in_2_0

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_define(define: Define, path: Path, *, stylesheet: str | None = None) -> None:
    """Write a define.xml.

    Args:
        define: What to write.
        path: File to write; it is replaced where it exists.
        stylesheet: Name of an XSL file beside it, named in a processing instruction; None
            for no such instruction.

    Raises:
        OutputError: DEF006, a text holds a character that XML cannot; DEF007, the value was
            read from a file of which parts could not be held; DEF008, the disk refuses;
            DEF009, it is of version 2.0 and says more than that can.
    """
    data = define_bytes(define, stylesheet=stylesheet)
    try:
        path.write_bytes(data)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        fact = f'"{path}" cannot be written: {reason}'
        raise OutputError([Diagnostic("DEF008", fact)]) from error


def define_bytes(define: Define, *, stylesheet: str | None = None) -> bytes:
    """Return the bytes of a define.xml, UTF-8 with a declaration; see `write_define`.

    Raises:
        OutputError: DEF006, DEF007 or DEF009, as in `write_define`.
    """
    if define.unread:
        fact = "the define.xml was read with parts that would be lost on writing"
        raise OutputError([Diagnostic("DEF007", fact, found=define.unread[:3])])
    if is_old(define) and (lost := not_in_2_0(define)):
        fact = "the define.xml says what version 2.0 has no place for"
        raise OutputError([Diagnostic("DEF009", fact, found=lost)])
    problems: list[Diagnostic] = []

    def refused(name: str, oid: str | None, character: str) -> None:
        problems.append(_refused(name.rpartition(":")[2], oid, character))

    text = render(_root(define), define, refused)
    if problems:
        raise OutputError(problems)
    if is_old(define):
        text = lowered(text)
    return (_HEAD + _named(stylesheet) + text).encode()


def _root(define: Define) -> str:
    """Return the name of the root, with the prefixes that are in use."""
    used = ["def", "xlink", *(["arm"] if define.displays else [])]
    prefixes = "".join(f' xmlns:{one}="{NAMESPACES[one]}"' for one in used)
    return f'ODM xmlns="{NAMESPACES["odm"]}"{prefixes}'


def _named(stylesheet: str | None) -> str:
    """Return the instruction that names a stylesheet."""
    if stylesheet is None:
        return ""
    said = f'type="text/xsl" href="{stylesheet}"'
    instruction = etree.ProcessingInstruction("xml-stylesheet", said)
    return etree.tostring(instruction, encoding="unicode") + "\n"


def _refused(name: str, oid: str | None, character: str) -> Diagnostic:
    owner = f' of "{oid}"' if oid else ""
    return Diagnostic(
        "DEF006",
        f"{name}{owner} holds the character U+{ord(character):04X}, which XML cannot hold",
        help="remove the character from the specification or the collected value",
    )

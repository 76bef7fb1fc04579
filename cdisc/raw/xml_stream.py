"""XML as a stream of elements; a document type is refused before its first declaration.

Entities of a document type can read other files and unfold without end, and none of
the formats that are read here has one.
"""

from typing import IO, Any, Final, cast

from lxml import etree

_CHUNK: Final = 1 << 18

REFUSED = (etree.LxmlError, LookupError, OSError, ValueError, AssertionError)
"""What the parser raises of bytes that are no XML, or none that it reads."""


class DoctypeError(ValueError):
    """The document has a type, and so perhaps entities."""


class Elements:
    """What the parser tells its elements to.

    Attributes:
        typed: The document has a type; nothing is read then.
    """

    def __init__(self) -> None:
        self.typed = False

    def doctype(self, *_told: object) -> None:
        """Refuse a document type.

        Raises:
            DoctypeError: Always.
        """
        self.typed = True
        message = "a document type is declared"
        raise DoctypeError(message)

    def close(self) -> None:
        """End the document."""


def tell(file: IO[bytes], elements: Elements) -> None:
    """Tell elements what stands in a file: `start`, `data` and `end`, one after the other.

    Raises:
        DoctypeError: The document has a type.
        lxml.etree.XMLSyntaxError: The bytes are no XML.
    """
    parser = etree.XMLParser(
        target=cast(Any, elements),  # its stubs want bytes too, which are never told
        # resolve_entities stays as it is, internal: False leaves &amp; of attributes unread
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )
    while part := file.read(_CHUNK):
        parser.feed(part)
    parser.close()

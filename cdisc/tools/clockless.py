"""Office files, which are archives, without the clock that their libraries put into them."""

import io
import re
import zipfile

_MEMBER = (1980, 1, 1, 0, 0, 0)
_ABOUT = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def without_clock(content: bytes) -> bytes:
    """Return an Excel or Word file that tells no time: the same parts, the same bytes."""
    told = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in made.namelist():
            part = made.read(name)
            if name == _ABOUT:
                part = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", part)
            member = zipfile.ZipInfo(name, _MEMBER)
            member.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(member, part)
    return told.getvalue()

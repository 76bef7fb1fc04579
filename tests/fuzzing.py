"""Files that were good and are changed in a few places, the same ones in every run."""

import io
import random
import zipfile
import zlib

INTERESTING = (
    *(b"\0", b"\xff", b"\x80", b" ", b"-1", b"0", b"9", b"\x7f\xff", b"\x80\x00", b"\xff\xff"),
    *(b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\x00\x00\x00", b"\0\0\0\0", b"\xff" * 8),
    *(b"999999", b"2147483648", b"1e999", b"null", b"[", b"]", b"{", b"}", b'"', b"\\u0000"),
    *(b"<", b"&a;", b"</", b"\r", b"\n", b"\xc3", b"\xed\xa0\x80", b"NaN", b"\x1f\x8b", b"PK"),
)


def changed(data, chance):
    """Return the bytes with one to four changes."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(9)
        if kind <= 1:
            some = chance.choice(INTERESTING)
            data[at : at + len(some)] = some
        elif kind <= 3:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 4:
            del data[at : at + chance.choice((1, 1, 2, 4, 8, 80))]
        elif kind == 5:
            data[at:at] = chance.choice(INTERESTING)
        elif kind == 6:
            size = chance.choice((1, 4, 8, 80, 140))
            data[at:at] = data[at : at + size]
        elif kind == 7:
            at -= at % 80
            other = chance.randrange(len(data) + 1) // 80 * 80
            data[at : at + 80] = data[other : other + 80]
        else:
            del data[at:]
    return bytes(data)


def changed_inside(data, chance):
    """Change a part of an archive, so that the archive itself stays whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = changed(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for part, one in parts.items():
            new.writestr(part, one)
    return out.getvalue()


def changed_packed(data, chance):
    """Change what is compressed with zlib, so that it can still be unpacked."""
    return zlib.compress(changed(zlib.decompress(data), chance), 1)


def files(seeds, count, within=None):
    """Yield `count` changed files; every other one is changed within, where that is possible."""
    chance = random.Random(20260101)  # noqa: S311  no secret
    for number in range(count):
        seed = seeds[number % len(seeds)]
        one = within if within is not None and chance.random() < 0.5 else changed
        yield one(seed, chance)

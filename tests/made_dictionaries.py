"""Small dictionaries of invented terms, in the layout of the licensed ones."""

from pathlib import Path

_LLT = """\
10000001$Blue spots$20000001$$$$$$$Y$$
10000002$Bluish spots$20000001$$$$$$$N$$
10000003$Humming ears$20000002$$$$$$$Y$$
10000004$Odd gait$20000003$$$$$$$Y$$
10000005$Odd Gait$20000003$$$$$$$Y$$
"""
_PATHS = """\
20000001$30000001$40000001$50000001$Blue spot$Spots$Skin colours$Skin of toys$Skin$$50000001$Y$
20000001$30000002$40000002$50000002$Blue spot$Inks$Stains$Laundry$Laun$$50000001$N$
20000002$30000003$40000003$50000003$Ear humming$Ear noises$Noises$Ears of toys$Ear$$50000003$Y$
20000003$30000004$40000003$50000003$Gait odd$Gaits$Noises$Ears of toys$Ear$$50000003$Y$
"""
_DRUGS = """\
000001010016N  001      01 854TOYZOLE
000001010024T21MEX      01 041GLIMMER [TOYZOLE]
000002010014N  001      01 854PUPPETINE
"""
_CLASSES = """\
Z      1TOY SYSTEM
Z01    2TOYS FOR EARS
Z01A   3PLAIN TOYS FOR EARS
Z02B   3TOYS FOR SKIN
"""
_ASSIGNED = """\
000001010016Z01A   111*
000001010016Z02B   111*
000002010014Z01A   111*
"""


def write_meddra(folder: Path, version: str = "27.1") -> Path:
    """Write llt.asc, mdhier.asc and meddra_release.asc."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "llt.asc").write_text(_LLT, encoding="utf-8", newline="\r\n")
    (folder / "mdhier.asc").write_text(_PATHS, encoding="utf-8", newline="\r\n")
    (folder / "meddra_release.asc").write_text(f"{version}$English$$$$\n", encoding="utf-8")
    return folder


def write_whodrug(folder: Path) -> Path:
    """Write DD.txt, INA.txt and DDA.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "DD.txt").write_text(_DRUGS, encoding="utf-8")
    (folder / "INA.txt").write_text(_CLASSES, encoding="utf-8")
    (folder / "DDA.txt").write_text(_ASSIGNED, encoding="utf-8")
    return folder


def _product(number: int, drug: str, name: str, country: str) -> str:
    """A line of MP.txt: fields and their widths in their order."""
    fields = [
        (str(number), 10), ("", 35), (drug, 11), ("", 10), ("", 10), ("N", 1), (name, 1500),
        ("", 30), ("", 30), ("", 8), ("", 8), (country, 10), ("", 10), ("", 10), ("", 10),
        ("", 10), ("19", 3), ("001", 10), ("", 10), ("20200101", 8), ("20240101", 8),
    ]  # fmt: skip
    return "".join(f"{text:<{width}}" for text, width in fields) + "\n"


_PRODUCTS = (
    (101, "00000101001", "Toyzole", "N/A"), (102, "00000101001", "Toyzole", "TOY"),
    (103, "00000101002", "Glimmer [Toyzole]", "TOY"), (201, "00000201001", "Puppetine", "N/A"),
)  # fmt: skip
_GROUPS = ((1, "Z01A", 101), (2, "Z02B", 102), (3, "Z01A", 103), (4, "Z01A", 201))


def write_whodrug_c3(folder: Path) -> Path:
    """Write MP.txt, ThG.txt and ATC.txt: the same drugs by their medicinal products."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MP.txt").write_text("".join(_product(*one) for one in _PRODUCTS), encoding="utf-8")
    groups = (f"{number:<10}{atc:<10}20200101Y{product:<10}\n" for number, atc, product in _GROUPS)
    (folder / "ThG.txt").write_text("".join(groups), encoding="utf-8")
    classes = (f"{one[:7].strip():<10}{one[7]}{one[8:]:<110}\n" for one in _CLASSES.splitlines())
    (folder / "ATC.txt").write_text("".join(classes), encoding="utf-8")
    return folder

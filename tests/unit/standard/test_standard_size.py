import io
import zipfile

from cdisc.resources import mappings_root, specs_root

MOST = 6_000_000


def test_the_standards_and_studies_that_are_carried_are_small_in_an_archive():
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for root in (specs_root(), mappings_root()):
            for path in sorted(root.rglob("*")):
                archive.write(path, path.relative_to(root.parent).as_posix())
        names = archive.namelist()

    assert "specs/ct/sdtm-2025-03-28/terms.tsv" in names
    assert len(place.getvalue()) < MOST

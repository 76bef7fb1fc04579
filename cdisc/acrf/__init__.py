"""The annotated case report form: which variable holds what each field collects.

program --carried_fields--> lineage --annotate--> pages --draw--> PDF --stamped--> acrf.pdf
                                                    pages of the sponsor --^
"""

from cdisc.acrf.lineage import Carried, carried_fields
from cdisc.acrf.making import AnnotatedCrf, annotated_crf, make_crf, stamp_crf
from cdisc.acrf.origins import with_crf_pages
from cdisc.acrf.places import read_places

__all__ = [
    "AnnotatedCrf",
    "Carried",
    "annotated_crf",
    "carried_fields",
    "make_crf",
    "read_places",
    "stamp_crf",
    "with_crf_pages",
]

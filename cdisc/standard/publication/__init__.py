"""A release of controlled terminology: from the file that is published to the tables here.

NCI EVS publishes each package as tab-separated text, as an Excel file and as ODM XML, and
the CDISC Library as JSON. All four are read into the same rows, judged by the same rules
and written in the same order, so the tables of a release do not depend on the form that it
came in. What is kept: codes, submission values, preferred terms, names, the extensible flag
and the synonyms of terms. Definitions, and synonyms of codelists, are not.
"""

from cdisc.standard.publication.content import Publication
from cdisc.standard.publication.reading import read_publication
from cdisc.standard.publication.writing import Imported, import_releases

__all__ = ["Imported", "Publication", "import_releases", "read_publication"]

"""Names and texts as SQL literals: the only place that quotes."""


def text(value: str) -> str:
    """Return a text literal.

    Example:
        >>> text("it's")
        "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return an identifier, quoted only where it must be.

    Example:
        >>> name("AESTDTC"), name("ae.AESTDAT")
        ('AESTDTC', '"ae.AESTDAT"')
    """
    plain = value.isascii() and value.isidentifier() and value.upper() not in _RESERVED
    return value if plain else '"' + value.replace('"', '""') + '"'


_WORDS = """
    ALL ANALYSE ANALYZE AND ANTI ANY ARRAY AS ASC ASOF ASYMMETRIC AT AUTHORIZATION BINARY BOTH
    BY CASE CAST CHECK COLLATE COLLATION COLUMN CONCURRENTLY CONSTRAINT CREATE CROSS CURRENT
    DEFAULT DEFERRABLE DESC DESCRIBE DISTINCT DO ELSE END EXCEPT EXISTS FALSE FETCH FOR
    FOREIGN FREEZE FROM FULL GLOB GRANT GROUP HAVING IF ILIKE IN INITIALLY INNER INTERSECT
    INTO IS ISNULL JOIN LAMBDA LATERAL LEADING LEFT LIKE LIMIT NATURAL NOT NOTNULL NULL OFFSET
    ON ONLY OR ORDER OUTER OVERLAPS PIVOT PIVOT_LONGER PIVOT_WIDER PLACING POSITIONAL PRIMARY
    QUALIFY REFERENCES RETURNING RIGHT ROW ROWS SELECT SEMI SHOW SIMILAR SOME SUMMARIZE
    SYMMETRIC TABLE TABLESAMPLE THEN TO TRAILING TRUE UNION UNIQUE UNPACK UNPIVOT USING
    VARIADIC VERBOSE WHEN WHERE WINDOW WITH
"""
_RESERVED = frozenset(_WORDS.split())

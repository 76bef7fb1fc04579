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
    ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC BOTH CASE CAST CHECK COLLATE COLUMN
    CONSTRAINT CREATE CROSS CURRENT DEFAULT DEFERRABLE DESC DESCRIBE DISTINCT DO ELSE END EXCEPT
    EXISTS FALSE FETCH FOR FOREIGN FROM FULL GRANT GROUP HAVING IF IN INITIALLY INNER INTERSECT
    INTO IS JOIN LATERAL LEADING LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON ONLY OR ORDER OUTER
    PIVOT PLACING PRIMARY QUALIFY REFERENCES RETURNING RIGHT ROW ROWS SELECT SHOW SOME SUMMARIZE
    SYMMETRIC TABLE THEN TO TRAILING TRUE UNION UNIQUE UNPIVOT USING VARIADIC WHEN WHERE WINDOW
    WITH
"""
_RESERVED = frozenset(_WORDS.split())

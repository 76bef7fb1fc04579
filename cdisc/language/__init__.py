"""The mapping language: grammar, tree, types, lineage and English; it knows no data."""

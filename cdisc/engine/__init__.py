"""Mapping files to results: resolve, order, render as SQL, run."""

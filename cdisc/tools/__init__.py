"""The programmer's tools: what helps to write mapping files, and needs no data."""

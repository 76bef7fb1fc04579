"""Convert clinical trial data by declarative mapping specs: raw, SDTM, ADaM, package."""

__version__ = "0.1.0"

__all__ = ["__version__"]

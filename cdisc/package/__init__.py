"""The folder that leaves the house: its layout, its manifest, whole or not at all."""

from cdisc.package.folder import package_folder
from cdisc.package.layout import Layout
from cdisc.package.manifest import MANIFEST, InputFile, relist, write_manifest

__all__ = ["MANIFEST", "InputFile", "Layout", "package_folder", "relist", "write_manifest"]

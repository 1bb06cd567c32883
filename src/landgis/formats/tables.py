"""The door for tables: the annex, the progress workbook and the ledgers in, CSV out."""

from __future__ import annotations

from landgis.formats.annex import read_annex

__all__ = ["read_annex"]

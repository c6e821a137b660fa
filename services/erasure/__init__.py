"""All that is held about one stakeholder: given to them, or erased, with the counts left as they are."""

from __future__ import annotations

from services.erasure.erasing import Erased, erase
from services.erasure.exporting import as_json, export
from services.erasure.planning import Preview, preview

__all__ = ["Erased", "Preview", "as_json", "erase", "export", "preview"]

"""What an edge needs to call a service, for screens: they do not look into `data`."""

from __future__ import annotations

from data.db import transaction
from data.settings import settings, version
from data.versions import current as data_versions

__all__ = ["data_versions", "settings", "transaction", "version"]

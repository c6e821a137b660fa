"""Who may use the app, and who may see what in it."""

from __future__ import annotations

from services.access.audit import audit
from services.access.viewer import (
    ADMINISTRATOR,
    CSM,
    MANAGER,
    SYSTEM,
    Viewer,
    require_customer,
    require_role,
    visible,
)

__all__ = [
    "ADMINISTRATOR",
    "CSM",
    "MANAGER",
    "SYSTEM",
    "Viewer",
    "audit",
    "require_customer",
    "require_role",
    "visible",
]

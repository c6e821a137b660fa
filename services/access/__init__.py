"""Who may use the app, and who may see what in it."""

from __future__ import annotations

from services.access.audit import audit
from services.access.viewer import (
    ADMINISTRATOR,
    CSM,
    MANAGER,
    SCOPES,
    SYSTEM,
    Viewer,
    require_customer,
    require_role,
    require_scope,
    visible,
)

__all__ = [
    "ADMINISTRATOR",
    "CSM",
    "MANAGER",
    "SCOPES",
    "SYSTEM",
    "Viewer",
    "audit",
    "require_customer",
    "require_role",
    "require_scope",
    "visible",
]

"""Who may use the app, and who may see what in it."""

from __future__ import annotations

from services.access.audit import audit, by_others
from services.access.viewer import (
    ADMINISTRATOR,
    CSM,
    MANAGER,
    NO_SEGMENT,
    SCOPES,
    SYSTEM,
    WRITE,
    Viewer,
    narrowed,
    require_customer,
    require_role,
    require_scope,
    visible,
)

__all__ = [
    "ADMINISTRATOR",
    "CSM",
    "MANAGER",
    "NO_SEGMENT",
    "SCOPES",
    "SYSTEM",
    "WRITE",
    "Viewer",
    "audit",
    "by_others",
    "narrowed",
    "require_customer",
    "require_role",
    "require_scope",
    "visible",
]

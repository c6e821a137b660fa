"""Support tickets by program."""

from __future__ import annotations

from api.routers.tickets.tickets import router

__all__ = ["router"]

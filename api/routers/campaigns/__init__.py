"""Bulk mail: recorded by program, and what it says."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers.campaigns import campaigns, insight

router = APIRouter()
for part in (campaigns, insight):
    router.include_router(part.router)

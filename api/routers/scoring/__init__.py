"""Engagement, risk signals and advocacy by API."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers.scoring import advocacy, engagement, risk

router = APIRouter()
for one in (engagement.router, risk.router, advocacy.router):
    router.include_router(one)

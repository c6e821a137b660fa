"""Engagement, risk signals and advocacy by API."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers.scoring import advocacy, risk, scoring

router = APIRouter()
for one in (scoring.router, risk.router, advocacy.router):
    router.include_router(one)

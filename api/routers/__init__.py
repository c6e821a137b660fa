"""One router per feature, each listed here."""

from __future__ import annotations

from fastapi import APIRouter

from api.routers import (
    access,
    attendance,
    campaigns,
    drafts,
    erasure,
    events,
    follow_up,
    invitations,
    scoring,
    tickets,
    uploads,
)

ROUTERS: tuple[APIRouter, ...] = (
    access.router,
    attendance.router,
    campaigns.router,
    drafts.router,
    erasure.router,
    follow_up.router,
    invitations.router,
    scoring.router,
    tickets.router,
    uploads.router,
    # Last: its `/events/{event_id}` would take the others' names for ids.
    events.router,
)

"""Zoom: webinar attendees, meeting participants, registrations, polls, questions and answers."""

from __future__ import annotations

from integrations.formats.layouts import Layout
from integrations.formats.zoom import meeting, poll, questions, registration, webinar

LAYOUTS: tuple[Layout, ...] = (
    *poll.LAYOUTS,
    *questions.LAYOUTS,
    *registration.LAYOUTS,
    *webinar.LAYOUTS,
    *meeting.LAYOUTS,
)

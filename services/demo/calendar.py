"""The demo's events, by how many days ago they were: the year moves with the day it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

ZONE = "America/New_York"
START_HOUR = 11
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class PastEvent:
    """`minutes` is the scheduled length."""

    number: int
    days_ago: int
    type: str
    platform: str
    minutes: int
    topic: str
    name: str


@dataclass(frozen=True)
class PlannedEvent:
    days_ahead: int
    type: str
    minutes: int
    topic: str
    name: str
    segments: tuple[str, ...] | None = None


PAST = (
    PastEvent(1, 352, "webinar", "zoom_2025", 60, "Analytics", "Analytics Essentials: Webinar"),
    PastEvent(2, 333, "training", "teams", 90, "Administration", "Admin Fundamentals Training"),
    PastEvent(3, 313, "webinar", "goto", 60, "Automation", "Workflow Automation in Practice"),
    PastEvent(4, 292, "user_group", "eventbrite", 120, "Reporting", "Reporting User Group"),
    PastEvent(5, 272, "webinar", "zoom_2025", 60, "Security", "Security and Access Masterclass"),
    PastEvent(6, 254, "conference", "ringcentral", 420, "Strategy", "CSCX Connect Online Summit"),
    PastEvent(7, 233, "training", "moodle", 120, "Dashboards", "Dashboard Builder Certification"),
    PastEvent(8, 213, "webinar", "webex", 60, "Integrations", "Integrations and API Office Hours"),
    PastEvent(9, 194, "user_group", "teams", 90, "Roadmap", "Product Roadmap User Group"),
    PastEvent(10, 173, "webinar", "zoom_2026", 60, "Customer Health", "Health Scores That Work"),
    PastEvent(11, 152, "training", "moodle", 120, "Data Governance", "Data Governance Training"),
    PastEvent(12, 133, "webinar", "goto", 60, "Forecasting", "Forecasting Renewals: Live Demo"),
    PastEvent(13, 113, "user_group", "sheet", 120, "Best Practices", "Power Users User Group"),
    PastEvent(14, 94, "conference", "eventbrite", 420, "Strategy", "Customer Success Conference"),
    PastEvent(15, 73, "webinar", "zoom_2026", 60, "Analytics", "Building Analytics Dashboards"),
    PastEvent(16, 52, "training", "teams", 90, "Automation", "Automation Bootcamp"),
    PastEvent(17, 31, "webinar", "zoom_2025", 60, "AI Agents", "AI Agents for Customer Teams"),
    PastEvent(18, 11, "user_group", "teams", 90, "Community", "Customer Community User Group"),
)

PLANNED = (
    PlannedEvent(15, "webinar", 60, "Analytics", "Advanced Analytics Deep Dive"),
    PlannedEvent(22, "user_group", 90, "Advisory", "Q1 Customer Advisory"),
    PlannedEvent(36, "training", 90, "Integrations", "API Integration Training"),
    PlannedEvent(50, "roundtable", 60, "Strategy", "Executive Roundtable", ("Enterprise",)),
    PlannedEvent(78, "conference", 420, "Strategy", "Customer Success Summit"),
)


def on_a_weekday(day: date) -> date:
    """The day itself, or the Friday or Monday next to it."""
    if day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    if day.weekday() == SUNDAY:
        return day + timedelta(days=1)
    return day


def held_on(event: PastEvent, day: date) -> date:
    """When the event was, seen from `day`."""
    return on_a_weekday(day - timedelta(days=event.days_ago))


def planned_for(event: PlannedEvent, day: date) -> date:
    return on_a_weekday(day + timedelta(days=event.days_ahead))

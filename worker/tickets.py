"""Tickets: what desks posted is taken in."""

from __future__ import annotations

from datetime import timedelta

from services.hooks.receiving import TAKE_IN_TICKETS
from services.tickets.receiving import take_in_tickets
from worker.jobs import Kind

KINDS = {TAKE_IN_TICKETS: Kind(take_in_tickets, apart=True)}
EVERY = {TAKE_IN_TICKETS: timedelta(minutes=1)}

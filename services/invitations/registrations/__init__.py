"""Who means to come: by the invitation's link, a platform's file or webhook, the API, or a colleague's word."""

from __future__ import annotations

from services.invitations.registrations.book import register, unregister
from services.invitations.registrations.platforms import take_over

__all__ = ["register", "take_over", "unregister"]

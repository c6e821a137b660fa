"""Unsubscribes in question: a person says what they are."""

from __future__ import annotations

from components import actions, campaign_held, loaders
from components.loaders import Viewer
from services.campaigns import quarantine


def draw(viewer: Viewer, page: str, campaign_id: int | None = None) -> None:
    """Of one campaign, or of all."""
    found = loaders.fresh(quarantine.held, viewer, campaign_id=campaign_id)
    decided = campaign_held.held(found, page)
    if decided is None:
        return
    row, left = decided
    if left:
        done = "Noted: they left, and are not written to any more, as far as they said."
        actions.run(quarantine.confirm, row.mail_id, done=done)
    actions.run(quarantine.dismiss, row.mail_id, done="Noted: a scanner followed the link.")

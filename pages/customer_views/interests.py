"""What this customer's people come to hear and ask about, and the training they have had."""

from __future__ import annotations

from components import actions, interest_panel, loaders
from components.loaders import CustomerHead, Viewer
from services.attendance.topics import interests
from services.attendance.training import training
from services.clock import utc_now
from services.invitations.ranking import dismissed, withdraw_dismissal


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    today = utc_now().date()
    interest_panel.interests(loaders.read(interests, viewer, number, today=today))
    back = interest_panel.unwanted(loaders.fresh(dismissed, viewer, number))
    if back is not None:
        actions.run(withdraw_dismissal, back, done="Taken back: it no longer counts.")
    interest_panel.training(loaders.read(training, viewer, number))

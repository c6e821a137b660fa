"""What this customer's people come to hear and ask about, and the training they have had."""

from __future__ import annotations

from components import interest_panel, loaders
from components.loaders import CustomerHead, Viewer
from services.attendance.topics import interests
from services.attendance.training import training
from services.clock import utc_now


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    today = utc_now().date()
    interest_panel.interests(loaders.read(interests, viewer, number, today=today))
    interest_panel.training(loaders.read(training, viewer, number))

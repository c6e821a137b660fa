"""Why this customer has the score and the health it has, and the events behind them."""

from __future__ import annotations

from components import loaders
from components.health_panel import health_panel, signal_notes
from components.loaders import CustomerHead, Viewer
from components.moments import reader_zone
from components.score_panel import why_panel
from services.scoring import board, health, risk

PAGE = "customer"


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    signal_notes(loaders.fresh(risk.signals_of, viewer, number))
    day = loaders.read(board.board_day, viewer)
    why_panel(loaders.read(board.why, viewer, number, as_of=day.as_of), page=PAGE)
    found = loaders.fresh(health.health_of, viewer, number)
    health_panel(PAGE, found, reader_zone())

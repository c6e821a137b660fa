"""Customer health: engagement is one part of it, and every change says what caused it."""

from __future__ import annotations

from services.scoring.health.book import follow, set_weights
from services.scoring.health.story import LINES, Change, Health, WeightsPreview, health_of, preview
from services.scoring.health.weights import PARTS, HealthWeights, load

__all__ = [
    "LINES",
    "PARTS",
    "Change",
    "Health",
    "HealthWeights",
    "WeightsPreview",
    "follow",
    "health_of",
    "load",
    "preview",
    "set_weights",
]

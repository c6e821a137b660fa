"""Everything that happened with this customer, newest first."""

from __future__ import annotations

from components import loaders
from components import timeline as drawn
from components.loaders import CustomerHead, Viewer
from services import timeline


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    kinds = drawn.kinds(timeline.KINDS)
    drawn.entries(
        loaders.read(timeline.timeline, viewer, number, kinds=kinds, limit=drawn.length())
    )

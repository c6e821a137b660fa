"""Today: where to begin, and later what is waiting."""

from __future__ import annotations

from components import layout

viewer = layout.page("Today")

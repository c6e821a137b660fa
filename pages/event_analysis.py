"""Event analysis: what events are worth, with counts, intervals and a comparison group."""

from __future__ import annotations

from components import layout

viewer = layout.page("Event analysis", "What events change, and how sure one can be")

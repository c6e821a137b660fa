"""Which customers an event fits: features, a small model with a prior, true reasons, and fair lists. Pure."""

from __future__ import annotations

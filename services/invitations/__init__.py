"""Invitations: whom an event fits, what is written to them, who comes, and what is learned from it."""

from __future__ import annotations

"""From an attendance row to a customer, with the evidence and how sure it is."""

from __future__ import annotations

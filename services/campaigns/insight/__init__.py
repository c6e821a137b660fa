"""What bulk mail says about people and customers. Only human signs count; the rest is shown beside them."""

from __future__ import annotations

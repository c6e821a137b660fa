"""Large reads inside the open transaction, its own writes included."""

from data.bulk import read_large as read_fresh

__all__ = ["read_fresh"]

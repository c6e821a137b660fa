"""A year of invented events that tells a story, written as platform files and loaded as such."""

from __future__ import annotations

from services.demo.load import DemoLoaded, load
from services.demo.practice import practice_file, write_practice_file

__all__ = ["DemoLoaded", "load", "practice_file", "write_practice_file"]

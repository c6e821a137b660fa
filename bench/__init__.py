"""Measurements, and the tools that made the demo's story. Nothing of the app imports this."""

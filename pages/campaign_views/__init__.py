"""Views of the campaign screens."""

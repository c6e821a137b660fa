"""A year of invented events that tells a story, written as platform files and loaded as such."""

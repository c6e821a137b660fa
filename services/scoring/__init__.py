"""Engagement scores: components, trend, explanation and distribution, all pure functions on frames."""

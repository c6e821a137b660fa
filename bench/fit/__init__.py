"""Simulated customers who are invited to events, and how well lists made for them do."""

"""What the event's page shows in its views."""

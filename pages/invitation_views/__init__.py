"""What the page of invitations shows in its views."""

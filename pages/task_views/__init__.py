"""What pages that show tasks have in common."""

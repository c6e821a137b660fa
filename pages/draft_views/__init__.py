"""What the page of a draft is made of."""

"""Who came to which event, what they did there, and what follows from it."""

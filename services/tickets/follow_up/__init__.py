"""Follow-up after solved tickets: when, to whom, with what words, and what came of it."""

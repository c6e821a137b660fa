"""Providers of our own: each keeps a ledger of what it took, which is what the tests believe."""

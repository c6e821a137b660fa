"""Workers killed and put to sleep without mercy; the provider's own ledger says what came of it."""

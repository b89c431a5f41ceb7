"""How much, and whether it was asked before: rate limits and idempotency keys."""

"""Staff orders for a client: which client, and what."""

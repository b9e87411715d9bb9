"""Mail: the outbox, written in the caller's transaction, and its sending."""

"""Where money meets machines: checking out, approving, cancelling."""

"""Products and prices as CSV: out, and in again with a preview."""
